package dev.saiki.cli.bench;

import dev.saiki.cli.load.ClientProcess;
import dev.saiki.cli.load.EngineTarget;
import dev.saiki.cli.load.LoadClient;
import dev.saiki.cli.load.LoadPlan;
import dev.saiki.cli.load.LoadRequest;
import dev.saiki.cli.load.LoadRound;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.Median;
import dev.saiki.eval.RecordJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

/// A measurement of the overhead of HTTP. The same requests run in three ways in turn: directly on the
/// engine, over HTTP without streaming, and over HTTP with streaming. So changes on the machine affect all
/// three ways alike. The clients run in a process of their own, so that this process's CPU time covers only
/// the engine and the server.
///
/// All three ways are warmed up before measuring, so that the JIT has compiled the code that a request executes,
/// which is far more than the code that a token executes.
final class HttpOverhead {

    private static final int PART = -2;
    private static final int ROUNDS_OF_REQUESTS = 4;
    private static final double MICROS = 1e6;
    private static final double NANOS = 1e9;

    private final LoadPlan plan;
    private final int atOnce;
    private final Times times;
    private final List<Turn> turns = new ArrayList<>();
    private int failed;

    /// The length of a measurement.
    ///
    /// @param warmUpSeconds warm-up time of each of the three ways
    /// @param rounds number of measured rounds
    /// @param roundSeconds approximate duration of a round without HTTP
    record Times(double warmUpSeconds, int rounds, double roundSeconds) {}

    /// The cost of one round in one of the three ways.
    ///
    /// @param seconds duration
    /// @param tokensPerSecond tokens decoded per second
    /// @param cpuMicros CPU time per token in the process of engine and server, in microseconds
    /// @param clientMicros CPU time per token in the process of the clients, in microseconds; 0 without HTTP
    /// @param meanDepth recursions per token, as counted by the engine; NaN over HTTP
    private record Cost(
            double seconds, double tokensPerSecond, double cpuMicros, double clientMicros, double meanDepth) {}

    /// One round in all three ways.
    private record Turn(Cost engine, Cost whole, Cost stream) {}

    HttpOverhead(LoadPlan plan, int atOnce, Times times) {
        this.plan = plan;
        this.atOnce = atOnce;
        this.times = times;
    }

    /// Runs all three ways of answering until they are warm, and then the measured rounds.
    ///
    /// @return whether any request failed
    boolean measure(Engine engine, RouteSettings route, ClientProcess clients) throws IOException {
        EngineTarget target = new EngineTarget(engine, route);
        int fewest = ROUNDS_OF_REQUESTS * atOnce;
        long begun = System.nanoTime();
        int warm = 0;
        Turn turn = turn(engine, target, clients, PART, fewest);
        while (System.nanoTime() - begun < 3 * times.warmUpSeconds() * NANOS) {
            warm++;
            turn = turn(engine, target, clients, PART - warm, fewest);
        }
        int count = Math.max(
                fewest, (int) (fewest * times.roundSeconds() / turn.engine().seconds()));
        for (int round = 1; round <= times.rounds(); round++) {
            turns.add(turn(engine, target, clients, PART - warm - round, count));
        }
        return failed > 0;
    }

    private Turn turn(Engine engine, EngineTarget target, ClientProcess clients, int part, int count)
            throws IOException {
        return new Turn(
                alone(engine, target, part, count),
                overHttp(engine, clients, false, part, count),
                overHttp(engine, clients, true, part, count));
    }

    private Cost alone(Engine engine, EngineTarget target, int part, int count) {
        engine.clearPrefixCache();
        List<LoadRequest> requests = plan.requests(part, count);
        double before = LoadClient.cpuSeconds();
        LoadRound round = LoadRound.closed(requests, atOnce, target);
        double cpu = LoadClient.cpuSeconds() - before;
        failed += round.failed() + round.refused();
        return new Cost(round.seconds(), round.tokensPerSecond(), MICROS * cpu / round.tokens(), 0, round.meanDepth());
    }

    private Cost overHttp(Engine engine, ClientProcess clients, boolean stream, int part, int count)
            throws IOException {
        engine.clearPrefixCache();
        LoadClient.Order order = new LoadClient.Order(stream, plan.requests(part, count), atOnce);
        double before = LoadClient.cpuSeconds();
        LoadClient.Done done = clients.ask(order);
        double cpu = LoadClient.cpuSeconds() - before;
        failed += done.failed();
        return new Cost(
                done.seconds(),
                done.tokens() / done.seconds(),
                MICROS * cpu / done.tokens(),
                MICROS * done.cpuSeconds() / done.tokens(),
                Double.NaN);
    }

    private double median(ToDoubleFunction<Turn> figure) {
        return Median.of(turns, figure);
    }

    /// All figures, as medians over rounds.
    ObjectNode toJson() {
        ObjectNode line = JsonOutput.object();
        line.put("measure", "overhead");
        line.put("at_once", atOnce);
        line.put("rounds", turns.size());
        line.put("failed", failed);
        line.put("prompts", plan.prompts().name());
        RecordJson.put(line, "mean_depth", median(turn -> turn.engine().meanDepth()));
        RecordJson.put(
                line, "engine_tokens_per_second", median(turn -> turn.engine().tokensPerSecond()));
        RecordJson.put(
                line, "http_tokens_per_second", median(turn -> turn.whole().tokensPerSecond()));
        RecordJson.put(
                line, "stream_tokens_per_second", median(turn -> turn.stream().tokensPerSecond()));
        RecordJson.put(line, "http_overhead", median(turn -> lost(turn.engine(), turn.whole())));
        RecordJson.put(line, "stream_overhead", median(turn -> lost(turn.engine(), turn.stream())));
        RecordJson.put(line, "engine_cpu_micros", median(turn -> turn.engine().cpuMicros()));
        RecordJson.put(line, "http_cpu_micros", median(turn -> more(turn.engine(), turn.whole())));
        RecordJson.put(line, "stream_cpu_micros", median(turn -> more(turn.engine(), turn.stream())));
        RecordJson.put(
                line, "http_client_cpu_micros", median(turn -> turn.whole().clientMicros()));
        RecordJson.put(
                line, "stream_client_cpu_micros", median(turn -> turn.stream().clientMicros()));
        return line;
    }

    /// The share of the engine's speed that is lost over HTTP.
    private static double lost(Cost engine, Cost http) {
        return 1 - http.tokensPerSecond() / engine.tokensPerSecond();
    }

    /// The CPU time that a token costs over HTTP in addition to the engine's.
    private static double more(Cost engine, Cost http) {
        return http.cpuMicros() - engine.cpuMicros();
    }

    /// The measured figures in readable form.
    String toText() {
        ObjectNode figures = toJson();
        return NumberFormats.text(
                """
                %d concurrent requests, medians of %d rounds, mean depth %.3f
                engine alone   %9.1f tokens/s           %8.1f µs of CPU time per token
                over HTTP      %9.1f tokens/s (%+.1f %%) %+8.1f µs, and %.1f µs in the clients
                streamed       %9.1f tokens/s (%+.1f %%) %+8.1f µs, and %.1f µs in the clients\
                """,
                atOnce,
                turns.size(),
                figures.get("mean_depth").doubleValue(),
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
