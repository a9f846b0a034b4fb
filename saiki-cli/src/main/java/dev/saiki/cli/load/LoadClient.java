package dev.saiki.cli.load;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.json.JsonMapper;

/// A process that runs the clients, separate so that the clients' CPU time is not counted as the server's. For
/// each line of standard input, the process runs one closed round ({@link LoadRound}), and prints one line as the
/// answer; all lines are JSON.
public final class LoadClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private LoadClient() {}

    /// The settings of the client process's requests.
    ///
    /// @param url the URL of the server
    /// @param effort the effort of the router
    /// @param maxDepth largest number of recursions
    public record Settings(URI url, OptionalDouble effort, OptionalInt maxDepth) {}

    /// An order to run one closed round of requests.
    ///
    /// @param stream whether answers are streamed
    /// @param requests the requests to send
    /// @param atOnce number of concurrent requests
    public record Order(boolean stream, List<LoadRequest> requests, int atOnce) {}

    /// The result of an order.
    ///
    /// @param seconds duration of the round
    /// @param tokens number of generated tokens
    /// @param failed number of requests that were not answered
    /// @param cpuSeconds CPU time of this process during the round
    public record Done(double seconds, long tokens, int failed, double cpuSeconds) {}

    /// Runs the rounds that standard input orders.
    ///
    /// @param arguments the settings, as JSON
    /// @throws IOException if standard input cannot be read
    public static void main(String[] arguments) throws IOException {
        Settings settings = JSON.readValue(arguments[0], Settings.class);
        try (HttpTarget streaming = target(settings, true);
                HttpTarget whole = target(settings, false);
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                Order order = JSON.readValue(line, Order.class);
                System.out.println(JSON.writeValueAsString(done(order, order.stream() ? streaming : whole)));
            }
        }
    }

    private static HttpTarget target(Settings settings, boolean stream) {
        return new HttpTarget(
                settings.url(),
                new HttpTarget.Settings(stream, settings.effort(), settings.maxDepth(), Optional.empty()));
    }

    private static Done done(Order order, LoadTarget target) {
        double before = cpuSeconds();
        LoadRound round = LoadRound.closed(order.requests(), order.atOnce(), target);
        return new Done(round.seconds(), round.tokens(), round.failed() + round.refused(), cpuSeconds() - before);
    }

    /// Returns the CPU time of this process so far.
    ///
    /// @return seconds of all its threads
    public static double cpuSeconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
    }
}
