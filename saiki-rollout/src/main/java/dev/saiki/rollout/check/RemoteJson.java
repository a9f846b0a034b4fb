package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A client of JSON services, for requests that the gateway itself makes.
///
/// The JDK's HTTP client is enough, since each request posts one object and reads another. OpenAI's client for
/// Java was rejected: it adds OkHttp and Kotlin's library for a few requests.
public final class RemoteJson {

    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final long LONGEST = 1 << 24;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private RemoteJson() {}

    /// Sends a request and reads the whole answer.
    ///
    /// @param address the address of the service
    /// @param key the key for the service, if the service requires one
    /// @param body the body to post; empty for a GET request
    /// @param timeout the timeout for the whole answer
    /// @return the answer
    /// @throws IOException if no answer arrives in time, or the answer has another status than 200 or is not JSON;
    ///     also if the thread is interrupted, in which case its interrupt flag stays set
    public static JsonNode send(URI address, Optional<String> key, Optional<JsonNode> body, Duration timeout)
            throws IOException {
        return read(exchange(address, key, body, timeout));
    }

    /// Posts an object, and ignores the content of the answer.
    ///
    /// @param address the address of the service
    /// @param key the key for the service, if the service requires one
    /// @param body the body to post
    /// @param timeout the timeout for the whole answer
    /// @throws IOException if no answer arrives in time, or its status is no success; also if the thread is
    ///     interrupted, in which case its interrupt flag stays set
    public static void tell(URI address, Optional<String> key, JsonNode body, Duration timeout) throws IOException {
        int status = exchange(address, key, Optional.of(body), timeout).statusCode();
        if (status < OK || status >= REDIRECT) {
            throw new IOException("status " + status);
        }
    }

    private static HttpResponse<byte[]> exchange(
            URI address, Optional<String> key, Optional<JsonNode> body, Duration timeout) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        body.ifPresent(json -> request.header("Content-Type", Json.CONTENT_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.bytes(json))));
        CompletableFuture<HttpResponse<byte[]>> sent = CLIENT.sendAsync(
                request.build(), HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), LONGEST));
        try {
            return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            sent.cancel(true);
        }
    }

    private static JsonNode read(HttpResponse<byte[]> response) throws IOException {
        String status = "status " + response.statusCode();
        try {
            JsonNode json = Json.read(response.body());
            if (response.statusCode() == OK) {
                return json;
            }
            // OpenAI's API has an object with a message, Prometheus a text.
            JsonNode error = json.path("error");
            String message = error.path("message").asString(error.asString(""));
            throw new IOException(message.isEmpty() ? status : status + ": " + message);
        } catch (JacksonException e) {
            throw new IOException(response.statusCode() == OK ? "the answer is not JSON" : status, e);
        }
    }
}
