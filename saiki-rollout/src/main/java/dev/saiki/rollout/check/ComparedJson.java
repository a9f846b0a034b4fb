package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of two answers for checks outside the gateway, and of their result.
final class ComparedJson {

    private ComparedJson() {}

    /// Writes the compared texts: `request`, `baseline` and `candidate`.
    static byte[] of(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        ObjectNode compared = Json.object();
        compared.put("request", request);
        compared.put("baseline", baseline.comparable());
        compared.put("candidate", candidate.comparable());
        return Json.bytes(compared);
    }

    /// Reads a number from -1 to 1, either bare or as `difference` of an object.
    static OptionalDouble difference(byte[] answer) {
        try {
            JsonNode root = Json.read(answer);
            JsonNode number = root.isObject() ? root.path("difference") : root;
            if (!number.isNumber() || !(Math.abs(number.doubleValue()) <= 1)) {
                return OptionalDouble.empty();
            }
            return OptionalDouble.of(number.doubleValue());
        } catch (JacksonException e) {
            return OptionalDouble.empty();
        }
    }
}
