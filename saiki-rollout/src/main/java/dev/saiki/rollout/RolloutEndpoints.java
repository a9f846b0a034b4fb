package dev.saiki.rollout;

import static java.util.Map.entry;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.pages.MeasuredStatistics;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.proxy.CandidateServer;
import dev.saiki.rollout.proxy.GatewayMetrics;
import dev.saiki.rollout.proxy.TrafficSplitter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints that show and control a rollout, and take users' feedback.
final class RolloutEndpoints {

    private static final int MAX_BODY = 1 << 16;
    private static final int MAX_ROWS = 1000;
    private static final int DEFAULT_ROWS = 100;
    private static final int MAX_REASON = 500;

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final TrafficSplitter splitter;
    private final GatewayMetrics metrics;
    private final BooleanSupplier isEjected;
    private final CandidateServer candidate;
    private final Map<String, BiConsumer<Exchange, GatewayCaller>> routes;

    /// @param isEjected whether the candidate is ejected
    RolloutEndpoints(
            GatewayPlan plan,
            Rollout rollout,
            TrafficSplitter splitter,
            GatewayMetrics metrics,
            BooleanSupplier isEjected) {
        this.plan = plan;
        this.rollout = rollout;
        this.splitter = splitter;
        this.metrics = metrics;
        this.isEjected = isEjected;
        this.candidate = new CandidateServer(plan.candidate());
        this.routes = Map.ofEntries(
                entry("GET /rollout", (exchange, _) -> send(exchange, status())),
                entry("GET /rollout/history", (exchange, _) -> send(exchange, list(rollout.history()))),
                entry(
                        "GET /rollout/decisions",
                        (exchange, _) -> send(exchange, list(rollout.decisions(rows(exchange))))),
                entry("GET /rollout/pairs", this::pairs),
                entry("GET /rollout/measured", this::measured),
                entry("POST /rollout/abort", this::abort),
                entry("POST /rollout/promote", this::promote),
                entry("POST /rollout/pause", (exchange, caller) -> pause(exchange, caller, true)),
                entry("POST /rollout/resume", (exchange, caller) -> pause(exchange, caller, false)),
                entry("POST /rollout/adjust", this::adjust),
                entry("POST /rollout/erase", this::erase),
                entry("POST /rollout/depths", this::depths),
                entry("POST /v1/feedback", this::feedback));
    }

    /// All operations answered here, each as a method and a path.
    Set<String> operations() {
        return routes.keySet();
    }

    /// Answers a request.
    ///
    /// @throws ApiException if the path does not exist or the caller lacks the required right
    void answer(Exchange exchange, GatewayCaller caller) {
        BiConsumer<Exchange, GatewayCaller> route = routes.get(exchange.method() + " " + exchange.path());
        if (route == null) {
            throw ApiException.notFound("no endpoint for " + exchange.method() + " at " + exchange.path()
                    + "; GET /openapi.json lists all endpoints");
        }
        route.accept(exchange, caller);
    }

    private ObjectNode status() {
        Position now = rollout.position();
        ObjectNode status = Json.object();
        now.show(status, plan.stages().size());
        ArrayNode alarms = status.putArray("alarms");
        rollout.view().alarms().forEach(alarm -> alarms.add(alarm.word()));
        rollout.view().worse().ifPresent(worse -> status.put("worse", worse));
        status.put("may_promote", rollout.view().mayPromote());
        rollout.view().awaited().forEach(status.putArray("awaited")::add);
        ObjectNode heavy = status.putObject("heavy_users");
        rollout.view().heavyUsers().forEach(heavy::put);
        status.put("automatic", plan.evidence().automatic());
        status.put("database", rollout.databaseIsUp() ? "up" : "gone");
        status.put("ejected", isEjected.getAsBoolean());
        ObjectNode dropped = status.putObject("not_compared");
        metrics.dropped().forEach(dropped::put);
        status.set("evidence", rollout.view().evidence());
        status.set("levels", rollout.view().levels());
        status.put("model", plan.model());
        status.put("keeps_texts", plan.access().keepsTexts());
        return status;
    }

    private static ObjectNode list(JsonNode rows) {
        ObjectNode list = Json.object();
        list.put("object", "list");
        list.set("data", rows);
        return list;
    }

    private static void send(Exchange exchange, ObjectNode answer) {
        exchange.setHeader("Cache-Control", "no-store");
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private static int rows(Exchange exchange) {
        String asked = exchange.query("limit").orElse(Integer.toString(DEFAULT_ROWS));
        if (!asked.matches("[1-9][0-9]{0,3}") || Integer.parseInt(asked) > MAX_ROWS) {
            throw ApiException.invalid("limit must be from 1 to " + MAX_ROWS + ", got " + asked, "limit");
        }
        return Integer.parseInt(asked);
    }

    private void pairs(Exchange exchange, GatewayCaller caller) {
        send(exchange, list(rollout.pairs(seen(caller), rows(exchange))));
    }

    private void measured(Exchange exchange, GatewayCaller caller) {
        send(exchange, MeasuredStatistics.of(rollout.pairs(seen(caller), MAX_ROWS)));
    }

    /// The tenant whose pairs the caller sees; empty for all tenants.
    private static Optional<String> seen(GatewayCaller caller) {
        return caller.seesAll() ? Optional.empty() : Optional.of(caller.name());
    }

    private void abort(Exchange exchange, GatewayCaller caller) {
        caller.requireAbort();
        RequestBody body = body(exchange);
        rollout.abort(who(caller), reason(body));
        send(exchange, status());
    }

    private void promote(Exchange exchange, GatewayCaller caller) {
        caller.requirePromote();
        RequestBody body = body(exchange);
        long seen = (long) body.number("run", (double) rollout.position().run());
        rollout.promote(seen, who(caller), reason(body), body.flag("force", false));
        send(exchange, status());
    }

    private void pause(Exchange exchange, GatewayCaller caller, boolean paused) {
        if (paused) {
            caller.requireAbort();
        } else {
            caller.requirePromote();
        }
        rollout.pause(who(caller), reason(body(exchange)), paused);
        send(exchange, status());
    }

    /// Makes the candidate load a checkpoint with different router thresholds, or return to its previous
    /// checkpoint. Effort control is disabled first, so that no request is answered at an uncertified effort.
    private void adjust(Exchange exchange, GatewayCaller caller) {
        caller.requirePromote();
        RequestBody body = body(exchange);
        String reason = reason(body);
        Optional<String> folder = body.text("model").filter(name -> !name.isBlank());
        if (folder.isPresent() == body.flag("back", false)) {
            throw ApiException.invalid("set either model (a folder on the candidate's machine) or back: true", "model");
        }
        rollout.adjust(
                who(caller),
                (folder.isPresent() ? "loading " + folder.get() : "rolling back") + ", effort control is off: "
                        + reason);
        try {
            rollout.adjusted(who(caller), "the candidate serves " + candidate.serve(folder));
        } catch (ApiException refused) {
            rollout.adjusted(who(caller), String.valueOf(refused.getMessage()));
            throw refused;
        }
        send(exchange, status());
    }

    private void erase(Exchange exchange, GatewayCaller caller) {
        caller.requireOperator();
        String subject = body(exchange)
                .text("subject")
                .filter(name -> !name.isBlank())
                .orElseThrow(() -> ApiException.invalid(
                        "subject must be the name of a key, or the user field of requests", "subject"));
        send(exchange, Json.object().put("erased", rollout.erase(subject, splitter.subject(subject))));
    }

    /// Returns the candidate's recursion depth for each token of a text. Requires the right to see all tenants'
    /// pairs.
    private void depths(Exchange exchange, GatewayCaller caller) {
        caller.requireSight();
        String text = body(exchange)
                .text("text")
                .filter(given -> !given.isEmpty())
                .orElseThrow(() -> ApiException.invalid("text must not be empty", "text"));
        send(exchange, candidate.depths(text, rollout.position().fields(plan.fields())));
    }

    /// Records a user's feedback on an answer: `score` from 0 (bad) to 1 (good).
    private void feedback(Exchange exchange, GatewayCaller caller) {
        caller.requireWork();
        RequestBody body = body(exchange);
        String answer = body.text("response_id")
                .orElseThrow(() -> ApiException.invalid("response_id must be the id of an answer", "response_id"));
        double score = body.number("score", Double.NaN);
        if (!(score >= 0 && score <= 1)) {
            throw ApiException.invalid("score must be from 0 (bad) to 1 (good)", "score");
        }
        if (!rollout.judge(answer, 1 - score)) {
            throw ApiException.notFound("no recent answer has this id");
        }
        send(exchange, Json.object().put("object", "feedback").put("response_id", answer));
    }

    private static RequestBody body(Exchange exchange) {
        // Browsers send this content type to another site only after a CORS preflight.
        if (!exchange.header("Content-Type").orElse("").startsWith(Json.CONTENT_TYPE)) {
            throw ApiException.invalid("the body must be JSON, with the header Content-Type: application/json", null);
        }
        return RequestBody.read(exchange, MAX_BODY);
    }

    private static String who(GatewayCaller caller) {
        return caller.name().isEmpty() ? "anyone" : caller.name();
    }

    private static String reason(RequestBody body) {
        String reason = body.text("reason").orElse("");
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw ApiException.invalid("reason must be a text of 1 to " + MAX_REASON + " characters", "reason");
        }
        return reason;
    }
}
