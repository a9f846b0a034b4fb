package dev.saiki.rollout;

import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.proxy.GatewayMetrics;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints for operators: health, metrics, and the gateway's model list.
final class OperationEndpoints {

    private static final int UNAVAILABLE = 503;
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String HEALTH = "/health";
    private static final String READY = "/health/ready";
    private static final String METRICS = "/metrics";
    private static final String MODELS = "/v1/models";

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final GatewayMetrics metrics;
    private volatile boolean ending;

    OperationEndpoints(GatewayPlan plan, Rollout rollout, GatewayMetrics metrics) {
        this.plan = plan;
        this.rollout = rollout;
        this.metrics = metrics;
    }

    /// All operations answered here, each as a method and a path.
    static Set<String> operations() {
        return Set.of("GET " + HEALTH, "GET " + READY, "GET " + METRICS, "GET " + MODELS, "GET " + MODELS + "/{model}");
    }

    /// Answers a request that needs no key, such as an orchestrator's health check.
    ///
    /// @return whether the request was answered
    boolean answersOpen(Exchange exchange) {
        boolean isReadiness = exchange.path().equals(READY);
        if (exchange.method().equals("GET") && (isReadiness || exchange.path().equals(HEALTH))) {
            ObjectNode health = Json.object();
            health.put("status", ending ? "ending" : rollout.databaseIsUp() ? "ok" : "degraded");
            health.put("state", rollout.position().state().word());
            health.put("database", rollout.databaseIsUp() ? "up" : "gone");
            exchange.send(isReadiness && ending ? UNAVAILABLE : 200, Json.CONTENT_TYPE, Json.bytes(health));
            return true;
        }
        return false;
    }

    /// Makes readiness checks fail, because the gateway ends soon.
    void announceEnd() {
        ending = true;
    }

    /// Whether a path is that of the metrics.
    static boolean isMetrics(String path) {
        return path.equals(METRICS);
    }

    void metrics(Exchange exchange, GatewayCaller caller) {
        caller.requireOperator();
        exchange.send(200, PROMETHEUS, metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    /// Whether a path is that of the model list or of the gateway's own model.
    boolean isOwnModel(String path) {
        return path.equals(MODELS) || path.equals(MODELS + "/" + plan.model());
    }

    void models(Exchange exchange) {
        ObjectNode model = Json.object();
        model.put("id", plan.model());
        model.put("object", "model");
        model.put("created", 0);
        model.put("owned_by", "saiki");
        ObjectNode answer = model;
        if (exchange.path().equals(MODELS)) {
            answer = Json.object();
            answer.put("object", "list");
            answer.putArray("data").add(model);
        }
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }
}
