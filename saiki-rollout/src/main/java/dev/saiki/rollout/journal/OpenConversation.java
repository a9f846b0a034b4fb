package dev.saiki.rollout.journal;

import dev.saiki.evidence.FigureTest;
import dev.saiki.http.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A conversation whose pairs are still arriving. Each conversation yields one observation per gate: the mean over
/// its pairs or, for a figure, the value of its first pair.
public final class OpenConversation {

    /// The stored form of an infinite figure.
    private static final double ENDLESS = -1;

    private final long assignedMillis;
    private final Map<String, Mean> means = new LinkedHashMap<>();
    private final Map<String, FigureTest.Sides> figures = new LinkedHashMap<>();
    private int pairs;

    /// A sum and a count, for a mean.
    private record Mean(double sum, long count) {}

    public OpenConversation(long assignedMillis) {
        this.assignedMillis = assignedMillis;
    }

    /// Adds a pair.
    ///
    /// @param differences the candidate's loss minus the baseline's, for each gate that compares answers in pairs
    /// @param measured the figures of both sides, for each gate that tests a figure
    public void add(Map<String, Double> differences, Map<String, FigureTest.Sides> measured) {
        pairs++;
        measured.forEach(figures::putIfAbsent);
        differences.forEach((gate, difference) ->
                means.merge(gate, new Mean(difference, 1), (a, b) -> new Mean(a.sum() + b.sum(), a.count() + 1)));
    }

    /// Whether the conversation is complete or its time limit has expired.
    public boolean isClosed(int mostPairs, long longestMillis, long nowMillis) {
        return pairs >= mostPairs || nowMillis - assignedMillis >= longestMillis;
    }

    /// The mean of a gate's differences; empty if all differences are missing.
    public Optional<Double> mean(String gate) {
        Mean mean = means.get(gate);
        return mean == null ? Optional.empty() : Optional.of(Math.clamp(mean.sum() / mean.count(), -1, 1));
    }

    /// The figures measured for a gate; empty if there are none.
    public Optional<FigureTest.Sides> figure(String gate) {
        return Optional.ofNullable(figures.get(gate));
    }

    /// Serializes the conversation.
    public String toJson() {
        ObjectNode json = Json.object();
        json.put("assigned", assignedMillis);
        json.put("pairs", pairs);
        ObjectNode gates = json.putObject("gates");
        means.forEach(
                (gate, mean) -> gates.putObject(gate).put("sum", mean.sum()).put("count", mean.count()));
        ObjectNode measured = json.putObject("figures");
        figures.forEach((gate, sides) ->
                measured.putArray(gate).add(finite(sides.baseline())).add(finite(sides.candidate())));
        return Journal.text(json);
    }

    /// Replaces infinity, since JSON has no infinite numbers.
    private static double finite(double figure) {
        return Double.isInfinite(figure) ? ENDLESS : figure;
    }

    private static double figure(JsonNode written) {
        double figure = written.asDouble(ENDLESS);
        return figure < 0 ? Double.POSITIVE_INFINITY : figure;
    }

    /// Parses the output of {@link #toJson}.
    public static OpenConversation read(String text) {
        JsonNode json = Journal.json(text);
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
        json.path("figures")
                .properties()
                .forEach(gate -> read.figures.put(
                        gate.getKey(),
                        new FigureTest.Sides(
                                figure(gate.getValue().path(0)),
                                figure(gate.getValue().path(1)))));
        return read;
    }
}
