package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The administration of the candidate: loading another checkpoint, such as one with refitted thresholds, and rolling
/// back.
///
/// @param candidate a server with `--admin`; its key must be an operator's
public record CandidateAdmin(ModelEndpoint candidate) {

    /// The timeout, long enough to load and try a checkpoint before it is served.
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int GOOD = 200;

    /// Makes the candidate serve another checkpoint, or the previous one.
    ///
    /// @param folder on the candidate's machine; empty for the previous one
    /// @return what is served now
    /// @throws ApiException if the candidate refuses or does not answer
    public String serve(Optional<String> folder) {
        ObjectNode body = Json.object();
        body.put("name", candidate.model());
        folder.ifPresent(name -> body.put("model", name));
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        candidate.besideApi(folder.isPresent() ? "/admin/reload" : "/admin/rollback"))
                .timeout(PATIENCE)
                .header("Content-Type", Json.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(body)));
        candidate.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            JsonNode said = Json.read(answer.body());
            if (answer.statusCode() != GOOD) {
                throw refused(said.path("error").path("message").asString("status " + answer.statusCode()));
            }
            return said.path("folder").asString("");
        } catch (IOException e) {
            throw refused(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw refused("interrupted");
        }
    }

    private ApiException refused(String why) {
        URI root = candidate.besideApi("");
        return ApiException.upstreamFailed("the candidate at " + root + " serves no other checkpoint: " + why
                + "; it needs serve --admin, and its key in the plan the role operator");
    }
}
