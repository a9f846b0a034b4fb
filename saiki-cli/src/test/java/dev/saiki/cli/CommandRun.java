package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A command's exit code and output.
record CommandRun(String command, int exitCode, String out, String err) {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    /// Runs a command in this process; the launcher would start a process for it.
    static CommandRun of(Object... arguments) {
        return reading("", arguments);
    }

    /// Runs a command with exactly these environment variables.
    static CommandRun where(Map<String, String> environment, Object... arguments) {
        return run("", environment, arguments);
    }

    /// Runs a command with a text on standard input.
    static CommandRun reading(String input, Object... arguments) {
        return run(input, Map.of(), arguments);
    }

    private static CommandRun run(String input, Map<String, String> environment, Object... arguments) {
        String[] words = Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = Saiki.run(
                words,
                new Console(
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        false,
                        false,
                        false,
                        environment));
        return new CommandRun(
                "saiki " + String.join(" ", words),
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    /// Fails unless the command succeeded.
    CommandRun succeeds() {
        assertThat(exitCode).as("%s%n%s", command, err).isZero();
        return this;
    }

    /// Fails unless the command was refused in one line that contains all the fragments.
    void isRefused(String... fragments) {
        assertThat(err.lines().toList()).as(command).hasSize(1);
        assertThat(err).as(command).startsWith("saiki: ").contains(fragments).doesNotContain("Exception");
        assertThat(exitCode).as("%s%n%s", command, err).isEqualTo(2);
        assertThat(out).as(command).isEmpty();
    }

    /// Fails unless the command was refused in one line, which may follow progress lines.
    void isRefusedAfterProgress(String... fragments) {
        List<String> refusals =
                err.lines().filter(line -> line.startsWith("saiki: ")).toList();
        assertThat(refusals).as("%s%n%s", command, err).hasSize(1);
        assertThat(refusals.getFirst()).contains(fragments);
        assertThat(err).endsWith(refusals.getFirst() + System.lineSeparator());
        assertThat(exitCode).isEqualTo(ExitCode.WRONG_USE);
        assertThat(out).isEmpty();
    }

    /// All of standard output as JSON.
    JsonNode json() {
        return MAPPER.readTree(out);
    }
}
