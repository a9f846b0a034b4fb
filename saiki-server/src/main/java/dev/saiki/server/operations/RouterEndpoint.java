package dev.saiki.server.operations;

import dev.saiki.engine.RouterHealth;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.http.Json;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.metrics.EngineMonitor;
import dev.saiki.server.metrics.RouterHistory;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/router`: the router's health, now and over the last hour.
public final class RouterEndpoint {

    private RouterEndpoint() {}

    /// The routes.
    public static List<Route> routes() {
        return List.of(Route.forOperators("GET", "/router", RouterEndpoint::answer));
    }

    private static void answer(Request asked) {
        Request request = asked.forModel(asked.exchange().query("model"));
        EngineMonitor watch = request.deployment().monitors().watch();
        Optional<BreakerOptions> breaker =
                request.deployment().engine().options().breaker();
        ObjectNode body = health(watch);
        ObjectNode settings = body.putObject("breaker");
        settings.put("enabled", breaker.isPresent());
        breaker.ifPresent(options -> {
            settings.put("window_tokens", options.windowTokens());
            settings.put("drift_limit", options.driftLimit());
            settings.put("cool_down_seconds", options.coolDown().toMillis() / 1000.0);
        });
        request.deployment().guard().ifPresent(guard -> body.set("certificate", guard.toJson()));
        ObjectNode history = body.putObject("history");
        history.put("interval_seconds", RouterHistory.INTERVAL.toSeconds());
        ArrayNode samples = history.putArray("samples");
        watch.history().samples().forEach(sample -> samples.add(sample(sample)));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    /// The API's name of a state or a problem.
    public static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode health(EngineMonitor watch) {
        RouterHealth health = watch.health();
        ObjectNode body = Json.object();
        putState(body, health);
        body.put("scores_not_finite", health.counts().scoresNotFinite());
        body.put("logits_not_finite", health.counts().logitsNotFinite());
        body.put("overruled_tokens", health.counts().overruledTokens());
        ObjectNode trips = body.putObject("trips");
        for (RouterHealth.Problem problem : RouterHealth.Problem.values()) {
            trips.put(word(problem), health.trips().getOrDefault(problem, 0L));
        }
        ArrayNode transitions = body.putArray("transitions");
        for (RouterHealth.Transition transition : health.transitions()) {
            ObjectNode entry = transitions.addObject();
            entry.put("number", transition.number());
            entry.put("state", word(transition.state()));
            transition.reason().ifPresent(reason -> entry.put("reason", word(reason)));
            transition.owner().filter(owner -> !owner.isEmpty()).ifPresent(owner -> entry.put("key", owner));
            entry.put("detail", transition.detail());
            watch.timeOf(transition).ifPresent(time -> entry.put("time", time.toEpochMilli() / 1000.0));
        }
        putWindow(body.putObject("window"), health.window());
        ArrayNode keys = body.putArray("keys");
        health.owners().stream().filter(owner -> !owner.name().isEmpty()).forEach(owner -> {
            ObjectNode entry = keys.addObject().put("key", owner.name());
            putState(entry, owner.state(), owner.reason());
            putWindow(entry.putObject("window"), owner.window());
        });
        return body;
    }

    /// Writes whether the router is in control, the reason if not, the number of affected API keys, and the depth
    /// at which their tokens run.
    static void putState(ObjectNode body, RouterHealth health) {
        putState(body, health.state(), health.reason());
        body.put("for_all", health.forAll());
        body.put("overruled_keys", health.numOverruledOwners());
        body.put("reference_depth", health.referenceDepth());
    }

    private static void putState(ObjectNode body, RouterHealth.State state, Optional<RouterHealth.Problem> reason) {
        body.put("state", word(state));
        body.put("reason", reason.map(RouterEndpoint::word).orElse(null));
    }

    private static void putWindow(ObjectNode body, RouterHealth.Window window) {
        body.put("tokens", window.tokens());
        window.shares().forEach(body.putArray("shares")::add);
        window.expected().forEach(body.putArray("expected")::add);
        body.put("drift", Json.finite(window.drift()));
        body.put("confidence", Json.finite(window.confidence()));
    }

    private static ObjectNode sample(RouterHistory.Sample sample) {
        ObjectNode body = Json.object();
        body.put("time", sample.time().getEpochSecond());
        body.put("running", sample.running());
        body.put("waiting", sample.waiting());
        body.put("cache_usage", sample.cacheUsage());
        body.put("tokens_written", sample.tokensWritten());
        sample.rowsPerRun().forEach(body.putArray("rows_per_run")::add);
        putState(body, sample.router());
        body.put("scores_not_finite", sample.router().counts().scoresNotFinite());
        body.put("overruled_tokens", sample.router().counts().overruledTokens());
        putWindow(body, sample.router().window());
        return body;
    }
}
