package dev.saiki.server.operations;

import dev.saiki.engine.Engine;
import dev.saiki.engine.SequenceStatus;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ServedModels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/metrics` and `/slots`: Prometheus's metrics, and the engine's sequences.
public record MonitoringEndpoints(ServedModels models) {

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /// The routes.
    public List<Route> routes() {
        return List.of(
                Route.forOperators("GET", "/metrics", this::metrics),
                Route.forOperators("GET", "/slots", MonitoringEndpoints::slots));
    }

    private void metrics(Request request) {
        models.all().forEach(model -> model.monitors().metrics().look());
        String scrape = models.first().monitors().metrics().write();
        request.exchange().send(200, PROMETHEUS, scrape.getBytes(StandardCharsets.UTF_8));
    }

    private static void slots(Request asked) {
        Request request = asked.forModel(asked.exchange().query("model"));
        Engine engine = request.deployment().engine();
        List<SequenceStatus> sequences = engine.sequences();
        long running = sequences.stream().filter(SequenceStatus::running).count();
        if (request.exchange().query("fail_on_no_slot").isPresent()
                && running >= engine.options().maxSequences()) {
            throw ApiException.noSlot();
        }
        ArrayNode slots = Json.array();
        for (SequenceStatus sequence : sequences) {
            ObjectNode slot = slots.addObject();
            slot.put("id", sequence.number());
            slot.put("state", sequence.running() ? "running" : "waiting");
            slot.put("prompt_tokens", sequence.promptTokens());
            slot.put("generated_tokens", sequence.tokens());
            slot.put("processed_tokens", sequence.processedTokens());
            slot.put("mean_depth", Json.finite(sequence.meanDepth()));
            sequence.pagesOfStep().forEach(slot.putArray("pages")::add);
        }
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(slots));
    }
}
