package dev.saiki.rollout.state;

import dev.saiki.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A conversation whose pairs are still gathered. It becomes one observation of each gate: the mean of its pairs.
final class OpenConversation {

    private final long assignedMillis;
    private final Map<String, Mean> means = new LinkedHashMap<>();
    private int pairs;

    /// A sum on its way to a mean.
    private record Mean(double sum, long count) {}

    OpenConversation(long assignedMillis) {
        this.assignedMillis = assignedMillis;
    }

    /// Takes a pair.
    void add(Map<String, Double> differences) {
        pairs++;
        differences.forEach((gate, difference) ->
                means.merge(gate, new Mean(difference, 1), (a, b) -> new Mean(a.sum() + b.sum(), a.count() + 1)));
    }

    /// Whether nothing more is waited for.
    boolean isClosed(int mostPairs, long longestMillis, long nowMillis) {
        return pairs >= mostPairs || nowMillis - assignedMillis >= longestMillis;
    }

    /// The mean of a gate's differences; empty if all are missing.
    OptionalDouble mean(String gate) {
        Mean mean = means.get(gate);
        return mean == null ? OptionalDouble.empty() : OptionalDouble.of(Math.clamp(mean.sum() / mean.count(), -1, 1));
    }

    /// Writes all that is known.
    String toJson() {
        ObjectNode json = Json.object();
        json.put("assigned", assignedMillis);
        json.put("pairs", pairs);
        ObjectNode gates = json.putObject("gates");
        means.forEach(
                (gate, mean) -> gates.putObject(gate).put("sum", mean.sum()).put("count", mean.count()));
        return new String(Json.bytes(json), StandardCharsets.UTF_8);
    }

    /// Reads what {@link #toJson} wrote.
    static OpenConversation read(String text) {
        JsonNode json = Json.read(text.getBytes(StandardCharsets.UTF_8));
        OpenConversation read = new OpenConversation(json.path("assigned").asLong(0));
        read.pairs = json.path("pairs").asInt(0);
        Map<String, Mean> means = new HashMap<>();
        json.path("gates")
                .properties()
                .forEach(gate -> means.put(
                        gate.getKey(),
                        new Mean(
                                gate.getValue().path("sum").asDouble(0),
                                gate.getValue().path("count").asLong(0))));
        read.means.putAll(means);
        return read;
    }
}
