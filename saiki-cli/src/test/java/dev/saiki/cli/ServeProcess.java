package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// `saiki serve` in a process of its own, at a free port, with the name `small` for its model.
final class ServeProcess implements AutoCloseable {

    /// The JVM's exit code after SIGTERM.
    static final int TERMINATED = 143;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final TestProcess started;
    private final BufferedReader err;
    private final String base;

    private ServeProcess(TestProcess started, BufferedReader err, String base) {
        this.started = started;
        this.err = err;
        this.base = base;
    }

    /// Starts a server, and waits until it serves.
    static ServeProcess start(Path model, String... options) throws IOException {
        return start(command(List.of(), model, 0, options));
    }

    /// Starts a server at a port, and waits until it serves.
    static ServeProcess startAt(int port, Path model, String... options) throws IOException {
        return start(command(List.of(), model, port, options));
    }

    /// Starts a server that ignores SIGHUP, as under `nohup`, and waits until it serves.
    static ServeProcess startWithoutHangUp(Path model, String... options) throws IOException {
        return start(command(List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh"), model, 0, options));
    }

    /// Runs a server that fails to start.
    ///
    /// @return its exit code and output
    static TestProcess.Ended failing(Path model, String... options) throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofSeconds(30), command(List.of(), model, 0, options));
    }

    private static List<String> command(List<String> before, Path model, int port, String... options) {
        return Stream.of(
                        before.stream(),
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.saiki.cli.Main",
                                "serve",
                                "--model",
                                model.toString(),
                                "--name",
                                "small",
                                "--port",
                                Integer.toString(port),
                                "--warm-up-seconds",
                                "0"),
                        Stream.of(options))
                .flatMap(words -> words)
                .toList();
    }

    private static ServeProcess start(List<String> command) throws IOException {
        TestProcess started = TestProcess.start(command);
        try {
            BufferedReader err = started.process().errorReader();
            String line = lineWith(err, "serving ");
            assertThat(line).matches("serving small at http://127\\.0\\.0\\.1:\\d+/v1, pages at /ui \\(Ctrl-C ends\\)");
            return new ServeProcess(started, err, line.replaceFirst("serving small at (.*), pages.*", "$1"));
        } catch (IOException | RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    long pid() {
        return started.process().pid();
    }

    /// The server's port.
    int port() {
        return URI.create(base).getPort();
    }

    /// The number of completed answers.
    long answered() throws IOException, InterruptedException {
        return GatewayProcess.count(URI.create(base).resolve("/metrics"), "saiki_answers_total");
    }

    /// Kills the server, so that it cannot print anything more.
    void kill() throws InterruptedException {
        started.process().destroyForcibly().waitFor();
    }

    /// The server's address, with `/v1`.
    String base() {
        return base;
    }

    /// Waits for the next line with a certain beginning; earlier lines are skipped.
    String lineWith(String beginning) throws IOException {
        return lineWith(err, beginning);
    }

    private static String lineWith(BufferedReader err, String beginning) throws IOException {
        String message = "";
        while (!message.startsWith(beginning)) {
            String line = err.readLine();
            assertThat(line).as("it ended early").isNotNull().doesNotContain("incubator");
            message = message(line);
        }
        return message;
    }

    /// The message of a line; if the line is JSON, its message field.
    static String message(String line) {
        return line.startsWith("{")
                ? JSON.readTree(line).get("formattedMessage").stringValue()
                : line;
    }

    /// Sends SIGHUP.
    void hangUp() throws IOException, InterruptedException {
        long pid = started.process().pid();
        TestProcess.Ended sent = TestProcess.run(Duration.ofSeconds(10), List.of("kill", "-HUP", Long.toString(pid)));
        assertThat(sent.exitCode()).as(sent.output()).isZero();
    }

    /// Sends SIGTERM.
    void terminate() {
        started.process().toHandle().destroy();
    }

    /// Waits for the end of the server.
    ///
    /// @return the lines that it printed since it began to serve
    List<String> saidUntilItsEnd() throws IOException, InterruptedException {
        List<String> said = err.lines().toList();
        assertThat(started.process().waitFor()).isEqualTo(TERMINATED);
        return said;
    }

    @Override
    public void close() throws IOException {
        started.close();
        err.close();
    }
}
