package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;

/// The address of a model behind OpenAI's API.
///
/// @param url base of the API's paths, such as `http://10.0.0.5:8000/v1`
/// @param model the model's name in that API
/// @param key the key for the API; empty if the API requires none
/// @param firstByte the longest time until a stream begins
/// @param pause the longest time between two pieces of a stream
/// @param answer the longest time for a whole answer
public record ModelEndpoint(
        URI url, String model, Optional<String> key, Duration firstByte, Duration pause, Duration answer) {

    /// The default time until a stream begins.
    public static final Duration DEFAULT_FIRST_BYTE = Duration.ofSeconds(10);

    /// The default time between two pieces of a stream.
    public static final Duration DEFAULT_PAUSE = Duration.ofSeconds(20);

    /// The default time for a whole answer.
    public static final Duration DEFAULT_ANSWER = Duration.ofMinutes(1);

    /// Validates the times.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public ModelEndpoint {
        boolean arePositive = firstByte.isPositive() && pause.isPositive() && answer.isPositive();
        String got = firstByte + ", " + pause + " and " + answer;
        InputException.require(arePositive, "a model", "first_byte, pause and answer", "positive", got);
    }

    /// Returns the address of a path outside OpenAI's API, such as `/inspect`.
    ///
    /// @param path the path on the model's server
    /// @return the address
    public URI besideApi(String path) {
        return URI.create(url.toString().replaceFirst("/+$", "").replaceFirst("/v1$", "") + path);
    }

    /// Returns the address of a path.
    ///
    /// @param path a decoded path such as `/v1/models`
    /// @param query the encoded query; may be empty
    /// @return the address of the same path at this endpoint
    public URI at(String path, String query) {
        String base = url.toString().replaceFirst("/+$", "");
        String own = path.startsWith("/v1/") ? path.substring("/v1".length()) : path;
        try {
            String encoded = new URI(null, null, own, null).toASCIIString();
            return URI.create(base + encoded + (query.isEmpty() ? "" : "?" + query));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
