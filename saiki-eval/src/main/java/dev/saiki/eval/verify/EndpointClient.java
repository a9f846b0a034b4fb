package dev.saiki.eval.verify;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A client of an untrusted OpenAI-compatible server. The size, depth and duration of responses are limited.
/// Redirects are not followed, so that an API key is sent only to the intended host.
final class EndpointClient implements AutoCloseable {

    /// A response with a few hundred tokens and their alternatives takes less than a hundredth of this size.
    private static final int MAX_BYTES = 8 << 20;

    private static final int SAID_CHARACTERS = 200;
    private static final String API = "/v1";

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .build();

    private final String root;
    private final Optional<String> apiKey;
    private final Duration timeout;
    private final HttpClient client;

    /// A response.
    ///
    /// @param status HTTP status
    /// @param body the JSON body; a missing node if the response is not JSON
    /// @param said beginning of the body, for messages
    record Answer(int status, JsonNode body, String said) {}

    /// Creates a client.
    ///
    /// @param url URL of the server, with or without `/v1`
    /// @param apiKey API key, if the server needs one
    /// @param timeout maximum time for one answer
    /// @throws InputException if the URL is not HTTP or HTTPS, or contains a user name or a query
    EndpointClient(URI url, Optional<String> apiKey, Duration timeout) {
        @Nullable String scheme = url.getScheme();
        boolean http = scheme != null && (scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"));
        if (!http || url.getHost() == null || url.getUserInfo() != null || url.getQuery() != null) {
            throw new InputException("--against must be a file, or a URL such as http://127.0.0.1:8080/v1 without user"
                    + " and query (pass a key with --api-key)");
        }
        String whole = url.toString().replaceAll("#.*", "").replaceAll("/+$", "");
        this.root = whole.endsWith(API) ? whole.substring(0, whole.length() - API.length()) : whole;
        this.apiKey = apiKey;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /// The server's address, with `/v1`.
    String address() {
        return root + API;
    }

    /// Sends a GET request.
    ///
    /// @param path path such as `/v1/models`
    Answer get(String path) throws InterruptedException {
        return send(path, request(path).GET().build());
    }

    /// Sends a POST request.
    ///
    /// @param path path such as `/v1/completions`
    /// @param body the JSON body
    Answer post(String path, ObjectNode body) throws InterruptedException {
        return send(
                path,
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                        .build());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(root + path));
        apiKey.ifPresent(key -> builder.header("Authorization", "Bearer " + key));
        return builder;
    }

    /// The HTTP client's own timeout ends with the response headers; this timeout includes the body.
    private Answer send(String path, HttpRequest request) throws InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> sent =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            HttpResponse<byte[]> answer = sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            String said = ReferenceFile.named(new String(
                    answer.body(), 0, Math.min(answer.body().length, SAID_CHARACTERS), StandardCharsets.UTF_8));
            return new Answer(answer.statusCode(), json(path, answer), said);
        } catch (TimeoutException e) {
            throw problem(path, "no complete answer within " + timeout.toSeconds() + " seconds", e);
        } catch (ExecutionException e) {
            @Nullable Throwable cause = e.getCause();
            if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
                throw problem(path, "cannot connect", e);
            }
            if (cause instanceof IOException) {
                throw problem(
                        path,
                        "the answer ended early or is longer than " + MAX_BYTES + " bytes ("
                                + ReferenceFile.named(String.valueOf(cause.getMessage())) + ")",
                        e);
            }
            throw new IllegalStateException("asking " + root + path + " failed", e);
        } finally {
            sent.cancel(true);
        }
    }

    private JsonNode json(String path, HttpResponse<byte[]> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException e) {
            if (answer.statusCode() == 200) {
                throw problem(path, "the answer is not JSON: " + e.getOriginalMessage(), e);
            }
            return JsonNodeFactory.instance.missingNode();
        }
    }

    private InputException problem(String path, String what, Exception cause) {
        return new InputException(root + path + ": " + what, cause);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
