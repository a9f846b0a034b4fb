package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.LevelReading.Verdict;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A level that the value of a Prometheus query must keep.
///
/// @param service the server, whose address comes before `/api/v1/query`
/// @param query an expression in PromQL with one value: a scalar, or a vector of one series
/// @param atLeast the smallest value that passes; negative infinity for none
/// @param atMost the largest value that passes; infinity for none
public record PrometheusCheck(RemoteService service, String query, double atLeast, double atMost)
        implements LevelCheck {

    /// Validates the range.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public PrometheusCheck {
        InputException.require(
                atLeast <= atMost, "a Prometheus query", "at_most", "at least at_least, " + atLeast, atMost);
    }

    @Override
    public LevelReading ask(ObjectNode stage) {
        String base = service.url().toString().replaceFirst("/+$", "");
        URI address = URI.create(base + "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
        try {
            return read(RemoteJson.send(address, service.key(), Optional.empty(), service.timeout()));
        } catch (IOException e) {
            return LevelReading.missing(String.valueOf(e.getMessage()));
        }
    }

    private LevelReading read(JsonNode answer) {
        // Prometheus warns of data that it could not read, so the value may be that of a part.
        if (!answer.path("warnings").isEmpty()) {
            return LevelReading.missing(
                    "warning: " + answer.path("warnings").path(0).asString(""));
        }
        JsonNode result = answer.path("data").path("result");
        if (!answer.path("data").path("resultType").asString("").equals("vector")) {
            return read(result.path(1).asString(""));
        }
        return result.size() == 1
                ? read(result.path(0).path("value").path(1).asString(""))
                : LevelReading.missing("the query must have one value, got " + result.size());
    }

    private LevelReading read(String text) {
        double value = switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> finite(text);
        };
        if (Double.isNaN(value)) {
            return LevelReading.missing("the query must have a number as its value, got " + text);
        }
        if (value > atMost) {
            return new LevelReading(Verdict.FAILS, text + " is above " + atMost);
        }
        return value < atLeast
                ? new LevelReading(Verdict.FAILS, text + " is below " + atLeast)
                : new LevelReading(Verdict.PASSES, text);
    }

    private static double finite(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
