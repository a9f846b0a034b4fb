package dev.saiki.cli.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/// The parent's side of a {@link LoadClient} process.
public final class ClientProcess implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;

    private ClientProcess(Process process) {
        this.process = process;
        this.orders = process.outputWriter();
        this.answers = process.inputReader();
    }

    /// Starts clients in a process with the same Java and the same class path as this process.
    ///
    /// @param settings settings that all requests share
    /// @return the process, to be closed
    /// @throws IOException if the process cannot be started
    public static ClientProcess start(LoadClient.Settings settings) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LoadClient.class.getName(),
                JSON.writeValueAsString(settings));
        return new ClientProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /// Makes the clients send requests, and waits until all requests are answered.
    ///
    /// @param order the order for the clients
    /// @return the result
    /// @throws IOException if the process has ended
    public LoadClient.Done ask(LoadClient.Order order) throws IOException {
        orders.write(JSON.writeValueAsString(order) + "\n");
        orders.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the client process ended unexpectedly");
        }
        return JSON.readValue(answer, LoadClient.Done.class);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        orders.close();
        answers.close();
    }
}
