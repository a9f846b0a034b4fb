package dev.saiki.rollout.check;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import java.time.Duration;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A check for agreement in meaning: 1 minus the cosine of both answers' embeddings, capped at 1.
///
/// @param model the model that computes embeddings
public record EmbeddingCheck(RemoteModel model) implements ComparisonCheck {

    @Override
    public Duration longest() {
        return model.timeout();
    }

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        String old = baseline.comparable();
        String fresh = candidate.comparable();
        if (old.equals(fresh)) {
            return OptionalDouble.of(0);
        }
        if (old.isBlank() || fresh.isBlank()) {
            return OptionalDouble.of(old.isBlank() && fresh.isBlank() ? 0 : 1);
        }
        ObjectNode asked = Json.object();
        asked.putArray("input").add(old).add(fresh);
        JsonNode data = model.post("/embeddings", asked).orElseGet(Json::object).path("data");
        double cosine = cosine(vector(data, 0), vector(data, 1));
        return Double.isFinite(cosine) ? OptionalDouble.of(Math.clamp(1 - cosine, 0.0, 1.0)) : OptionalDouble.empty();
    }

    /// Returns the embedding with this index; a response may list embeddings in any order.
    private static double[] vector(JsonNode data, int index) {
        return data.valueStream()
                .filter(one -> one.path("index").asInt(-1) == index)
                .findFirst()
                .map(one -> one.path("embedding")
                        .valueStream()
                        .mapToDouble(value -> value.asDouble(Double.NaN))
                        .toArray())
                .orElseGet(() -> new double[0]);
    }

    /// Returns NaN if the lengths differ or the cosine is undefined.
    private static double cosine(double[] one, double[] other) {
        if (one.length != other.length) {
            return Double.NaN;
        }
        double product = 0;
        double square = 0;
        double otherSquare = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * other[i];
            square += one[i] * one[i];
            otherSquare += other[i] * other[i];
        }
        return product / Math.sqrt(square * otherSquare);
    }
}
