package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// `saiki serve` in a process of its own, at a free port, with the name `small` for its model.
final class ServeProcess implements AutoCloseable {

    /// What the JVM returns after SIGTERM.
    static final int TERMINATED = 143;

    private final Process process;
    private final BufferedReader err;
    private final String base;

    private ServeProcess(Process process, BufferedReader err, String base) {
        this.process = process;
        this.err = err;
        this.base = base;
    }

    /// Starts a server, and waits until it serves.
    static ServeProcess start(Path model, String... options) throws IOException {
        List<String> command = Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-modules=jdk.incubator.vector",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.saiki.cli.Main",
                                "serve",
                                "--model",
                                model.toString(),
                                "--model-name",
                                "small",
                                "--port",
                                "0"),
                        Stream.of(options))
                .toList();
        Process process = new ProcessBuilder(command).start();
        try {
            BufferedReader err = process.errorReader();
            String line = lineWith(err, "serving ");
            assertThat(line).matches("serving small at http://127\\.0\\.0\\.1:\\d+/v1, pages at /ui \\(Ctrl-C ends\\)");
            return new ServeProcess(process, err, line.replaceFirst("serving small at (.*), pages.*", "$1"));
        } catch (IOException | RuntimeException | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /// Where it answers, with `/v1`.
    String base() {
        return base;
    }

    /// Waits for the next line that begins so; what comes before is skipped.
    String lineWith(String beginning) throws IOException {
        return lineWith(err, beginning);
    }

    private static String lineWith(BufferedReader err, String beginning) throws IOException {
        String line = "";
        while (!line.startsWith(beginning)) {
            line = err.readLine();
            assertThat(line).as("it ended early").isNotNull();
        }
        return line;
    }

    /// Sends SIGHUP.
    void hangUp() throws IOException, InterruptedException {
        int sent = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(sent).isZero();
    }

    /// Sends SIGTERM.
    void terminate() {
        process.toHandle().destroy();
    }

    /// Waits for its end.
    ///
    /// @return what it said since it began to serve
    List<String> saidUntilItsEnd() throws IOException, InterruptedException {
        List<String> said = err.lines().toList();
        assertThat(process.waitFor()).isEqualTo(TERMINATED);
        return said;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        err.close();
    }
}
