package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of two answers for checks outside the gateway, and of the checks' results.
final class ComparedJson {

    private ComparedJson() {}

    /// Writes the compared texts: `request`, `baseline` and `candidate`.
    static ObjectNode of(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        return Json.object()
                .put("request", request)
                .put("baseline", baseline.comparable())
                .put("candidate", candidate.comparable());
    }

    /// Reads a number from -1 to 1, either bare or as `difference` of an object.
    static OptionalDouble difference(JsonNode answer) {
        JsonNode number = answer.isObject() ? answer.path("difference") : answer;
        return number.isNumber() && Math.abs(number.doubleValue()) <= 1
                ? OptionalDouble.of(number.doubleValue())
                : OptionalDouble.empty();
    }
}
