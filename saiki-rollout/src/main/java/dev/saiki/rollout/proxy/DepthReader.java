package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A reader of the candidate's depth per token of a text, through the server's inspector. Routing depends on a
/// token and its prefix alone, so reading a text gives the depths of writing it.
final class DepthReader {

    private static final String PATH = "/inspect";
    private static final String TOKENS = "tokens";
    private static final String RECURSIONS = "num_recursions";
    private static final String TEXT = "text";
    private static final String DEPTH = "depth";

    private final GatewayPlan plan;
    private final Upstream upstream;

    DepthReader(GatewayPlan plan, Upstream upstream) {
        this.plan = plan;
        this.upstream = upstream;
    }

    /// Reads a text.
    ///
    /// @param text to read
    /// @param state of the rollout, which sets the candidate's effort
    /// @return `num_recursions`, and `tokens` with `text` and `depth` each
    /// @throws ApiException if the candidate does not answer
    ObjectNode depths(String text, RolloutState state) {
        ModelEndpoint candidate = plan.candidate();
        ObjectNode asked = Json.object();
        asked.put("prompt", text);
        asked.put("model", candidate.model());
        asked.put("top_logprobs", 0);
        plan.fields().in(state).forEach(asked::set);
        UpstreamRequest request = UpstreamRequest.ofJson(candidate.beside(PATH), candidate.key(), Json.bytes(asked));
        try (UpstreamAnswer answer = upstream.ask(request, candidate, false, new Cancellation())) {
            if (!answer.isGood()) {
                throw ApiException.upstreamFailed("the candidate does not tell depths: status " + answer.status());
            }
            JsonNode inspection =
                    Json.read(answer.body().readNBytes(plan.limits().answerBytes()));
            answer.requireInTime();
            return shortened(inspection);
        } catch (UpstreamException | IOException | JacksonException e) {
            throw ApiException.upstreamFailed("the candidate does not tell depths: " + e.getMessage());
        }
    }

    private static ObjectNode shortened(JsonNode inspection) {
        if (!inspection.path(TOKENS).isArray() || !inspection.path(RECURSIONS).isNumber()) {
            throw ApiException.upstreamFailed("the candidate does not tell depths: it is no Saiki server");
        }
        ObjectNode depths = Json.object();
        depths.put(RECURSIONS, inspection.path(RECURSIONS).asInt(1));
        ArrayNode tokens = depths.putArray(TOKENS);
        for (JsonNode token : inspection.path(TOKENS)) {
            tokens.addObject()
                    .put(TEXT, token.path(TEXT).asString(""))
                    .put(DEPTH, token.path(DEPTH).asInt(1));
        }
        return depths;
    }
}
