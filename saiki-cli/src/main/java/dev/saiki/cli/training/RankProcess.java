package dev.saiki.cli.training;

import dev.saiki.cli.terminal.ExitCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A process of a distributed run, started and supervised by this process with the same Java and the same class
/// path. The process of rank 0 inherits the streams of this process; of the other processes, only error messages
/// are kept.
final class RankProcess {

    private static final String MAIN = "dev.saiki.cli.Main";
    private static final String SUPERVISOR = "SAIKI_SUPERVISOR";
    private static final String OMP_THREADS = "OMP_NUM_THREADS";
    private static final String NATIVE_LOG = "TORCH_CPP_LOG_LEVEL";
    private static final String MESSAGE = "saiki: ";
    private static final String WARNING = MESSAGE + "warning: ";
    private static final Duration PAUSE = Duration.ofMillis(50);

    /// The exit code of a process killed by a signal is this value plus the number of the signal.
    private static final int SIGNALLED = 128;

    private static final int INTERRUPTED = SIGNALLED + 2;
    private static final int TERMINATED = SIGNALLED + 15;

    private final Process process;
    private final int rank;
    private final List<String> messages = new ArrayList<>();
    private final Optional<Thread> reader;
    private boolean wasKilled;

    private RankProcess(Process process, int rank) {
        this.process = process;
        this.rank = rank;
        this.reader =
                rank == 0 ? Optional.empty() : Optional.of(Thread.ofVirtual().start(this::keepMessages));
    }

    static RankProcess start(List<String> arguments, int rank, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-agentlib") && !option.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.environment()
                .put(SUPERVISOR, String.valueOf(ProcessHandle.current().pid()));
        int size = Integer.parseInt(environment.getOrDefault("WORLD_SIZE", "1"));
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / size);
        builder.environment().putIfAbsent(OMP_THREADS, String.valueOf(threads));
        // The native library's warnings repeat the error message, without naming a rank.
        builder.environment().putIfAbsent(NATIVE_LOG, "FATAL");
        if (rank == 0) {
            builder.redirectOutput(ProcessBuilder.Redirect.INHERIT).redirectError(ProcessBuilder.Redirect.INHERIT);
        } else {
            builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        return new RankProcess(process, rank);
    }

    /// Runs a task when the supervisor of this process has ended, if there is a supervisor.
    ///
    /// @param environment the environment of this process
    static void whenSupervisorEnds(Map<String, String> environment, Runnable task) {
        String pid = environment.getOrDefault(SUPERVISOR, "");
        if (!pid.isEmpty()) {
            CompletableFuture<Void> _ = ProcessHandle.of(Long.parseLong(pid))
                    .map(ProcessHandle::onExit)
                    .orElseGet(() -> CompletableFuture.completedFuture(ProcessHandle.current()))
                    .thenRun(task);
        }
    }

    private void keepMessages() {
        try (BufferedReader lines = process.errorReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(MESSAGE) && !line.startsWith(WARNING)) {
                    synchronized (messages) {
                        messages.add(line);
                    }
                }
            }
        } catch (IOException endedInTheMiddle) {
            // The messages read so far are kept.
        }
    }

    /// The error messages that a process printed before it ended.
    List<String> messages() {
        reader.ifPresent(thread -> {
            try {
                thread.join(Duration.ofSeconds(1));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        synchronized (messages) {
            return List.copyOf(messages);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    void requestStop() {
        process.destroy();
    }

    /// Waits for the processes of a run to end after one of them has failed; at the time limit, kills those
    /// that remain.
    ///
    /// @param ranks all processes of the run
    /// @param reportLimit time limit for reporting the failure
    /// @param limitAfterReport time limit after one process has reported the failure
    static void awaitEnd(List<RankProcess> ranks, Duration reportLimit, Duration limitAfterReport) {
        long last = System.nanoTime() + reportLimit.toNanos();
        try {
            while (ranks.stream().anyMatch(RankProcess::isAlive) && System.nanoTime() < last) {
                if (ranks.stream().anyMatch(rank -> !rank.isAlive() && rank.exitCode() == ExitCode.FAILED)) {
                    last = Math.min(last, System.nanoTime() + limitAfterReport.toNanos());
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ranks.stream().filter(RankProcess::isAlive).forEach(RankProcess::kill);
    }

    private void kill() {
        wasKilled = true;
        process.destroyForcibly().onExit().join();
    }

    /// Whether the supervisor killed this process.
    boolean wasKilled() {
        return wasKilled;
    }

    int exitCode() {
        return process.exitValue();
    }

    /// Whether this process ended without finishing its work or saving its state.
    boolean hasFailed() {
        return !isAlive()
                && switch (exitCode()) {
                    case ExitCode.DONE, INTERRUPTED, TERMINATED -> false;
                    default -> true;
                };
    }

    /// Describes how the process ended.
    String end() {
        int code = exitCode();
        return "rank " + rank + (code > SIGNALLED ? " was ended by signal " + (code - SIGNALLED) : " failed");
    }
}
