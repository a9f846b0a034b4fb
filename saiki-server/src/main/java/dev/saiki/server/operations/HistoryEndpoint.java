package dev.saiki.server.operations;

import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.RouterHealth;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.metrics.ActivityHistory;
import dev.saiki.server.metrics.ActivityHistory.Sample;
import dev.saiki.server.metrics.EngineMonitor;
import dev.saiki.server.metrics.LatencyWindow.Latency;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/history`: the server's activity in columns of one number per second.
public final class HistoryEndpoint {

    private static final double DIGITS = 1e6;

    private HistoryEndpoint() {}

    /// The routes.
    public static List<Route> routes() {
        return List.of(Route.forOperators("GET", "/history", HistoryEndpoint::answer));
    }

    private static void answer(Request asked) {
        Request request = asked.forModel(asked.exchange().query("model"));
        EngineMonitor watch = request.deployment().monitors().watch();
        Instant since =
                request.exchange().query("since").map(HistoryEndpoint::moment).orElse(Instant.EPOCH);
        List<Sample> samples = watch.activity().after(since);
        ObjectNode body = Json.object();
        body.put("interval_seconds", ActivityHistory.INTERVAL.toSeconds());
        column(body, "time", samples, sample -> sample.time().toEpochMilli() / 1000.0);
        putWork(body, samples);
        putRouter(body.putObject("router"), samples);
        putLatency(
                body.putObject("first_token_seconds"),
                values(samples, sample -> sample.answered().firstToken()));
        putLatency(
                body.putObject("further_token_seconds"),
                values(samples, sample -> sample.answered().furtherToken()));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    /// Seconds since 1970; a negative number counts back from now.
    private static Instant moment(String text) {
        try {
            double seconds = Double.parseDouble(text);
            if (Math.abs(seconds) < 1e11) {
                Instant from = seconds < 0 ? Instant.now() : Instant.EPOCH;
                return from.plusMillis(Math.round(1000 * seconds));
            }
        } catch (NumberFormatException malformed) {
            // A malformed number is refused below, like one that is out of range.
        }
        throw ApiException.invalid(
                "since must be seconds since 1970, or negative seconds relative to now, such as -900", "since");
    }

    private static void putWork(ObjectNode body, List<Sample> samples) {
        column(body, "running", samples, sample -> sample.statistics().running());
        column(body, "waiting", samples, sample -> sample.statistics().waiting());
        column(
                body,
                "cache_usage",
                samples,
                sample -> sample.statistics().cache().usage());
        column(body, "flops", samples, sample -> sample.answered().flops());
        column(body, "flops_saved", samples, sample -> sample.answered().flopsSaved());
        columns(body, "step_tokens", samples, sample -> sample.statistics().stepTokens());
        columns(body, "cache_pages", samples, Sample::pagesOfStep);
        columns(body, "stage_runs", samples, sample -> stages(sample, EngineStatistics.Stage::runs));
        columns(body, "stage_rows", samples, sample -> stages(sample, EngineStatistics.Stage::rows));
    }

    private static List<Long> stages(Sample sample, Function<EngineStatistics.Stage, Long> value) {
        return sample.statistics().stages().stream().map(value).toList();
    }

    private static void putRouter(ObjectNode body, List<Sample> samples) {
        ArrayNode states = body.putArray("state");
        samples.forEach(sample ->
                states.add(RouterEndpoint.word(sample.statistics().router().state())));
        List<RouterHealth.Window> windows =
                values(samples, sample -> sample.statistics().router().window());
        column(body, "drift", windows, RouterHealth.Window::drift);
        column(body, "confidence", windows, RouterHealth.Window::confidence);
    }

    private static <T> List<T> values(List<Sample> samples, Function<Sample, T> value) {
        return samples.stream().map(value).toList();
    }

    private static void putLatency(ObjectNode body, List<Latency> latencies) {
        column(body, "p50", latencies, Latency::median);
        column(body, "p95", latencies, Latency::p95);
    }

    private static void columns(
            ObjectNode body, String name, List<Sample> samples, Function<Sample, List<? extends Number>> values) {
        ArrayNode all = body.putArray(name);
        int most = samples.stream()
                .mapToInt(sample -> values.apply(sample).size())
                .max()
                .orElse(0);
        IntStream.range(0, most).forEach(index -> {
            ArrayNode column = all.addArray();
            samples.forEach(sample -> {
                List<? extends Number> there = values.apply(sample);
                add(column, index < there.size() ? there.get(index).doubleValue() : Double.NaN);
            });
        });
    }

    private static <T> void column(ObjectNode body, String name, List<T> samples, ToDoubleFunction<T> value) {
        ArrayNode column = body.putArray(name);
        samples.forEach(sample -> add(column, value.applyAsDouble(sample)));
    }

    private static void add(ArrayNode column, double value) {
        if (!Double.isFinite(value)) {
            column.addNull();
        } else if (value == Math.rint(value)) {
            column.add((long) value);
        } else {
            column.add(Math.rint(value * DIGITS) / DIGITS);
        }
    }
}
