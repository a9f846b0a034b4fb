package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A model behind OpenAI's API that a check calls.
///
/// It uses the JDK's HTTP client, since it posts one object and reads one. OpenAI's client for Java was rejected:
/// it brings OkHttp and Kotlin's library for three requests.
///
/// @param url base of the API's paths, such as `http://10.0.0.5:8000/v1`
/// @param model its name there
/// @param key for the API; empty if it requires none
/// @param fields added to each request
/// @param timeout for an answer
public record RemoteModel(URI url, String model, Optional<String> key, Map<String, JsonNode> fields, Duration timeout) {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteModel.class);

    private static final int OK = 200;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// Validates the address and the timeout.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public RemoteModel {
        if (!String.valueOf(url.getScheme()).matches("https?") || url.getHost() == null) {
            throw InputException.of("a check", "url", "such as http://10.0.0.5:8000/v1", url);
        }
        if (!timeout.isPositive()) {
            throw InputException.of("a check", "timeout", "positive", timeout);
        }
        // Sorted, so that the same plan has the same text in every process.
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    /// Posts a request.
    ///
    /// @param path below the base address, such as `/embeddings`
    /// @param request its fields, except the model's name
    /// @return the answer; empty on an error, a timeout or invalid JSON
    Optional<JsonNode> post(String path, ObjectNode request) {
        request.put("model", model);
        fields.forEach(request::set);
        HttpRequest.Builder asked = HttpRequest.newBuilder(
                        URI.create(url.toString().replaceFirst("/+$", "") + path))
                .header("Content-Type", Json.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(request)));
        key.ifPresent(secret -> asked.header("Authorization", "Bearer " + secret));
        CompletableFuture<HttpResponse<byte[]>> sent =
                CLIENT.sendAsync(asked.build(), HttpResponse.BodyHandlers.ofByteArray());
        try {
            HttpResponse<byte[]> response = sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() == OK) {
                return Optional.of(Json.read(response.body()));
            }
            LOG.warn("{} of {} answered a check with status {}", path, url.getHost(), response.statusCode());
        } catch (ExecutionException | TimeoutException | JacksonException e) {
            LOG.warn("{} of {} failed a check: {}", path, url.getHost(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sent.cancel(true);
        }
        return Optional.empty();
    }
}
