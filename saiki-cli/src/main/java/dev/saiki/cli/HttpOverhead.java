package dev.saiki.cli;

import dev.saiki.cli.load.ClientProcess;
import dev.saiki.cli.load.EngineTarget;
import dev.saiki.cli.load.LoadClient;
import dev.saiki.cli.load.LoadPlan;
import dev.saiki.cli.load.LoadRequest;
import dev.saiki.cli.load.LoadRound;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

/// What HTTP costs: the same requests in turn at the engine itself, over HTTP in one piece, and over HTTP in streams,
/// so that
/// what changes on the machine changes for all. Clients are a process of their own, so that the processor's time in
/// this
/// one is the engine's and the server's.
final class HttpOverhead {

    private static final int PART = -2;
    private static final int ROUNDS_OF_REQUESTS = 4;
    private static final double MICROS = 1e6;

    private final LoadPlan plan;
    private final int atOnce;
    private final List<Turn> turns = new ArrayList<>();
    private int failed;

    /// What one round took at one of the three.
    ///
    /// @param tokensPerSecond written
    /// @param cpuMicros of the processor for a token, in the process of engine and server
    /// @param clientMicros the same in the process of the clients; nothing where there is none
    private record Cost(double tokensPerSecond, double cpuMicros, double clientMicros) {}

    /// One round at all three.
    private record Turn(Cost engine, Cost whole, Cost stream) {}

    HttpOverhead(LoadPlan plan, int atOnce) {
        this.plan = plan;
        this.atOnce = atOnce;
    }

    /// Runs a round to warm up, and then those that count.
    ///
    /// @return whether any request failed
    boolean measure(int rounds, Engine engine, RouteSettings route, ClientProcess clients) throws IOException {
        for (int round = 0; round <= rounds; round++) {
            int part = PART - round;
            Turn turn = new Turn(
                    alone(engine, new EngineTarget(engine, route), part),
                    overHttp(engine, clients, false, part),
                    overHttp(engine, clients, true, part));
            if (round > 0) {
                turns.add(turn);
            }
        }
        return failed > 0;
    }

    private Cost alone(Engine engine, EngineTarget target, int part) {
        engine.clearPrefixCache();
        List<LoadRequest> requests = plan.requests(part, ROUNDS_OF_REQUESTS * atOnce);
        double before = LoadClient.cpuSeconds();
        LoadRound round = LoadRound.closed(requests, atOnce, target);
        double cpu = LoadClient.cpuSeconds() - before;
        failed += round.failed() + round.refused();
        return new Cost(round.tokensPerSecond(), MICROS * cpu / round.tokens(), 0);
    }

    private Cost overHttp(Engine engine, ClientProcess clients, boolean stream, int part) throws IOException {
        engine.clearPrefixCache();
        double before = LoadClient.cpuSeconds();
        LoadClient.Done done = clients.ask(new LoadClient.Order(stream, part, ROUNDS_OF_REQUESTS * atOnce, atOnce));
        double cpu = LoadClient.cpuSeconds() - before;
        failed += done.failed();
        return new Cost(
                done.tokens() / done.seconds(),
                MICROS * cpu / done.tokens(),
                MICROS * done.cpuSeconds() / done.tokens());
    }

    private double median(ToDoubleFunction<Turn> figure) {
        double[] sorted = turns.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// All figures, medians over rounds.
    ObjectNode toJson() {
        ObjectNode line = Json.object();
        line.put("measure", "overhead");
        line.put("at_once", atOnce);
        line.put("rounds", turns.size());
        line.put("failed", failed);
        Json.put(line, "engine_tokens_per_second", median(turn -> turn.engine().tokensPerSecond()));
        Json.put(line, "http_tokens_per_second", median(turn -> turn.whole().tokensPerSecond()));
        Json.put(line, "stream_tokens_per_second", median(turn -> turn.stream().tokensPerSecond()));
        Json.put(line, "http_overhead", median(turn -> lost(turn.engine(), turn.whole())));
        Json.put(line, "stream_overhead", median(turn -> lost(turn.engine(), turn.stream())));
        Json.put(line, "engine_cpu_micros", median(turn -> turn.engine().cpuMicros()));
        Json.put(line, "http_cpu_micros", median(turn -> more(turn.engine(), turn.whole())));
        Json.put(line, "stream_cpu_micros", median(turn -> more(turn.engine(), turn.stream())));
        Json.put(line, "http_client_cpu_micros", median(turn -> turn.whole().clientMicros()));
        Json.put(line, "stream_client_cpu_micros", median(turn -> turn.stream().clientMicros()));
        return line;
    }

    /// The share of the engine's speed that is missing.
    private static double lost(Cost engine, Cost http) {
        return 1 - http.tokensPerSecond() / engine.tokensPerSecond();
    }

    /// What the server takes beside the engine.
    private static double more(Cost engine, Cost http) {
        return http.cpuMicros() - engine.cpuMicros();
    }

    /// The same figures for people.
    String toText() {
        ObjectNode figures = toJson();
        return String.format(
                Locale.ROOT,
                """
                %d at work, medians of %d rounds
                engine alone   %9.1f tokens/s           %8.1f µs of the processor a token
                over HTTP      %9.1f tokens/s (%+.1f %%) %+8.1f µs, and %.1f µs in the clients
                in streams     %9.1f tokens/s (%+.1f %%) %+8.1f µs, and %.1f µs in the clients""",
                atOnce,
                turns.size(),
                figures.get("engine_tokens_per_second").doubleValue(),
                figures.get("engine_cpu_micros").doubleValue(),
                figures.get("http_tokens_per_second").doubleValue(),
                -100 * figures.get("http_overhead").doubleValue(),
                figures.get("http_cpu_micros").doubleValue(),
                figures.get("http_client_cpu_micros").doubleValue(),
                figures.get("stream_tokens_per_second").doubleValue(),
                -100 * figures.get("stream_overhead").doubleValue(),
                figures.get("stream_cpu_micros").doubleValue(),
                figures.get("stream_client_cpu_micros").doubleValue());
    }
}
