package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// A check by a program; it reads `request`, `baseline` and `candidate` as a JSON object from standard input,
/// and writes the candidate's loss minus the baseline's, from -1 to 1.
///
/// @param command the program and its arguments
/// @param timeout the time limit for an answer of the program
public record CommandCheck(List<String> command, Duration timeout) implements ComparisonCheck {

    private static final Logger LOG = LoggerFactory.getLogger(CommandCheck.class);

    private static final int MAX_OUTPUT = 1 << 16;

    /// Copies the command.
    public CommandCheck {
        command = List.copyOf(command);
    }

    @Override
    public Duration longest() {
        return timeout.multipliedBy(2);
    }

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        try {
            return run(Json.bytes(ComparedJson.of(request, baseline, candidate)));
        } catch (IOException | ExecutionException | TimeoutException | JacksonException e) {
            LOG.warn("the check {} failed: {}", command.getFirst(), e.toString());
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalDouble.empty();
        }
    }

    private OptionalDouble run(byte[] input)
            throws IOException, ExecutionException, InterruptedException, TimeoutException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            FutureTask<byte[]> output =
                    new FutureTask<>(() -> process.getInputStream().readNBytes(MAX_OUTPUT));
            Thread _ = Thread.ofVirtual().start(output);
            Thread _ = Thread.ofVirtual().start(() -> write(process, input));
            byte[] written = output.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                LOG.warn("the check {} did not exit with status 0", command.getFirst());
                return OptionalDouble.empty();
            }
            return ComparedJson.difference(Json.read(written));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void write(Process process, byte[] input) {
        try (OutputStream output = process.getOutputStream()) {
            output.write(input);
        } catch (IOException e) {
            LOG.debug("the program did not read all its input", e);
        }
    }
}
