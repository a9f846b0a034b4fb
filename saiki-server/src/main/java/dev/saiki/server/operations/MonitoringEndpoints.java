package dev.saiki.server.operations;

import dev.saiki.engine.SequenceStatus;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.metrics.ServerMetrics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the server and its engine are at, in numbers.
public final class MonitoringEndpoints {

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final ServedModel model;
    private final ServerMetrics metrics;

    public MonitoringEndpoints(ServedModel model, ServerMetrics metrics) {
        this.model = model;
        this.metrics = metrics;
    }

    public List<Route> routes() {
        return List.of(
                Route.forOperators("GET", "/metrics", this::metrics), Route.forOperators("GET", "/slots", this::slots));
    }

    private void metrics(Exchange exchange) {
        exchange.send(200, PROMETHEUS, metrics.scrape().getBytes(StandardCharsets.UTF_8));
    }

    private void slots(Exchange exchange) {
        List<SequenceStatus> sequences = model.engine().sequences();
        long running = sequences.stream().filter(SequenceStatus::running).count();
        if (exchange.query("fail_on_no_slot").isPresent()
                && running >= model.engine().options().maxSequences()) {
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
            if (Double.isNaN(sequence.meanDepth())) {
                slot.putNull("mean_depth");
            } else {
                slot.put("mean_depth", sequence.meanDepth());
            }
            ArrayNode pages = slot.putArray("pages");
            sequence.pagesOfStep().forEach(pages::add);
        }
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(slots));
    }
}
