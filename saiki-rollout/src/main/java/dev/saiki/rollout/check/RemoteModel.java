package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A model behind OpenAI's API, which a check calls.
///
/// @param url base of the API's paths, such as `http://10.0.0.5:8000/v1`
/// @param model the model's name in that API
/// @param key the key for the API; empty if the API requires none
/// @param fields added to each request
/// @param timeout the timeout for an answer
public record RemoteModel(URI url, String model, Optional<String> key, Map<String, JsonNode> fields, Duration timeout) {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteModel.class);

    /// Validates the timeout.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public RemoteModel {
        InputException.require(timeout.isPositive(), "a check", "timeout", "positive", timeout);
        // The fields are sorted, so that equal plans have equal texts in every process.
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    /// Posts a request.
    ///
    /// @param path the path below the base address, such as `/embeddings`
    /// @param request fields of the request, except the model's name
    /// @return the answer; empty on an error, a timeout or invalid JSON
    Optional<JsonNode> post(String path, ObjectNode request) {
        request.put("model", model);
        fields.forEach(request::set);
        URI address = URI.create(url.toString().replaceFirst("/+$", "") + path);
        try {
            return Optional.of(RemoteJson.send(address, key, Optional.of(request), timeout));
        } catch (IOException e) {
            LOG.warn("the request of a check to {} failed: {}", address, e.getMessage());
            return Optional.empty();
        }
    }
}
