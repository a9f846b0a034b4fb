package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.rollout.check.RemoteJson;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints of the candidate's server outside OpenAI's API: its checkpoints, and the depths of its tokens.
///
/// @param candidate a Saiki server
public record CandidateServer(ModelEndpoint candidate) {

    /// A limit long enough to load and try a checkpoint before it is served.
    private static final Duration LOADING_TIMEOUT = Duration.ofMinutes(5);

    private static final String TOKENS = "tokens";
    private static final String RECURSIONS = "num_recursions";

    /// Makes the candidate serve another checkpoint, for example with refitted thresholds, or its previous
    /// checkpoint again. The candidate's server needs `--admin`, and the key for the server must be an
    /// operator's.
    ///
    /// @param folder the checkpoint's folder on the candidate's machine; empty for the previous checkpoint
    /// @return the checkpoint that is served now
    /// @throws ApiException if the candidate refuses or does not answer
    public String serve(Optional<String> folder) {
        ObjectNode body = Json.object().put("name", candidate.model());
        folder.ifPresent(name -> body.put("model", name));
        try {
            return post(folder.isPresent() ? "/admin/reload" : "/admin/rollback", body, LOADING_TIMEOUT)
                    .path("folder")
                    .asString("");
        } catch (IOException e) {
            throw ApiException.upstreamFailed("the candidate at " + candidate.besideApi("")
                    + " could not change its checkpoint: " + e.getMessage()
                    + "; the candidate needs serve --admin, and its key in the plan needs the role operator");
        }
    }

    /// Reads the depth of each token of a text. Routing depends only on a token and its prefix, so a text has the
    /// same depths whether it is read or generated.
    ///
    /// @param text the text to read
    /// @param fields the fields of a request at the candidate's current effort
    /// @return an object with `num_recursions`, and with `tokens`, each of which has `text` and `depth`
    /// @throws ApiException if the candidate does not answer
    public ObjectNode depths(String text, Map<String, JsonNode> fields) {
        ObjectNode body = Json.object()
                .put("prompt", text)
                .put("model", candidate.model())
                .put("top_logprobs", 0);
        fields.forEach(body::set);
        try {
            return shortened(post("/inspect", body, candidate.answer()));
        } catch (IOException e) {
            throw ApiException.upstreamFailed("the candidate does not report depths: " + e.getMessage());
        }
    }

    private JsonNode post(String path, JsonNode body, Duration timeout) throws IOException {
        return RemoteJson.send(candidate.besideApi(path), candidate.key(), Optional.of(body), timeout);
    }

    private static ObjectNode shortened(JsonNode inspection) throws IOException {
        if (!inspection.path(TOKENS).isArray() || !inspection.path(RECURSIONS).isNumber()) {
            throw new IOException("it is not a Saiki server");
        }
        ObjectNode depths = Json.object();
        depths.put(RECURSIONS, inspection.path(RECURSIONS).asInt(1));
        ArrayNode tokens = depths.putArray(TOKENS);
        for (JsonNode token : inspection.path(TOKENS)) {
            tokens.addObject()
                    .put("text", token.path("text").asString(""))
                    .put("depth", token.path("depth").asInt(1));
        }
        return depths;
    }
}
