package dev.saiki.cli.rollout;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.RemoteJson;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The options for a gateway's address and key, and requests to the gateway.
final class GatewayOption {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Option(names = "--gateway", paramLabel = "URL")
    private URI gateway = URI.create("http://127.0.0.1:8090");

    @Option(names = "--key", paramLabel = "KEY")
    private @Nullable String key;

    /// Sends a GET request.
    ObjectNode get(String path) throws IOException {
        return send(path, Optional.empty());
    }

    /// Sends a POST request.
    ObjectNode post(String path, ObjectNode body) throws IOException {
        return send(path, Optional.of(body));
    }

    private ObjectNode send(String path, Optional<JsonNode> body) throws IOException {
        if (gateway.getHost() == null || !String.valueOf(gateway.getScheme()).matches("https?")) {
            throw new InputException("--gateway must be an address such as http://127.0.0.1:8090, got " + gateway);
        }
        Optional<String> secret = Optional.ofNullable(key)
                .or(() -> Optional.ofNullable(System.getenv("SAIKI_API_KEY")))
                .filter(given -> !given.isBlank());
        URI address = URI.create(gateway.toString().replaceFirst("/+$", "") + path);
        try {
            if (RemoteJson.send(address, secret, body, TIMEOUT) instanceof ObjectNode answer) {
                return answer;
            }
        } catch (IOException e) {
            switch (e.getCause()) {
                case TimeoutException _ -> throw e;
                case ExecutionException failed
                when failed.getCause() instanceof ConnectException ->
                    throw new InputException(
                            gateway + ": no gateway answers there; `saiki rollout serve` starts one", e);
                case null, default -> throw new InputException(gateway + ": " + e.getMessage(), e);
            }
        }
        throw new InputException(gateway + ": is not a gateway of Saiki");
    }
}
