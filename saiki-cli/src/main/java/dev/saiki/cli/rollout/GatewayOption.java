package dev.saiki.cli.rollout;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The options for a gateway's address and key, and an HTTP client for the gateway.
final class GatewayOption {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int OK = 200;

    @Option(names = "--gateway", paramLabel = "URL")
    private URI gateway = URI.create("http://127.0.0.1:8090");

    @Option(names = "--key", paramLabel = "KEY")
    private @Nullable String key;

    /// Sends a GET request.
    ObjectNode get(String path) throws IOException, InterruptedException {
        return send(path, HttpRequest.newBuilder().GET());
    }

    /// Sends a POST request.
    ObjectNode post(String path, ObjectNode body) throws IOException, InterruptedException {
        return send(
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
    }

    private ObjectNode send(String path, HttpRequest.Builder request) throws IOException, InterruptedException {
        if (gateway.getHost() == null || !String.valueOf(gateway.getScheme()).matches("https?")) {
            throw new InputException("--gateway must be an address such as http://127.0.0.1:8090, got " + gateway);
        }
        Optional.ofNullable(key)
                .or(() -> Optional.ofNullable(System.getenv("SAIKI_API_KEY")))
                .filter(given -> !given.isBlank())
                .ifPresent(given -> request.header("Authorization", "Bearer " + given));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response = client.send(
                    request.uri(URI.create(gateway.toString().replaceFirst("/+$", "") + path))
                            .timeout(TIMEOUT)
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return answer(response);
        } catch (ConnectException e) {
            throw new InputException(gateway + ": no gateway answers there; `saiki rollout serve` starts one", e);
        }
    }

    private ObjectNode answer(HttpResponse<byte[]> response) {
        Optional<ObjectNode> body = parsed(response.body());
        if (response.statusCode() != OK) {
            String message = body.map(json -> json.path("error").path("message").asString(""))
                    .filter(said -> !said.isEmpty())
                    .orElse("it answered with status " + response.statusCode());
            throw new InputException(gateway + ": " + message);
        }
        return body.orElseThrow(() -> new InputException(gateway + ": is not a gateway of Saiki"));
    }

    private static Optional<ObjectNode> parsed(byte[] body) {
        try {
            @Nullable JsonNode root = JSON.readTree(body);
            return root instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }
}
