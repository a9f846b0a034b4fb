package dev.saiki.rollout.pages;

import dev.saiki.evidence.MeanInterval;
import dev.saiki.evidence.RatioInterval;
import dev.saiki.http.Json;
import dev.saiki.rollout.course.GoldenConversation;
import dev.saiki.rollout.pair.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The measured statistics of the newest run that has pairs, for cost calculations.
///
/// Differences and shares are bounded, so their means over conversations have anytime-valid intervals. Tokens, and
/// ratios of the candidate to the baseline, are unbounded; they have the usual normal-approximation intervals,
/// with the variance between conversations.
public final class MeasuredStatistics {

    private static final double ERROR = 0.1;

    private final List<JsonNode> pairs;

    private MeasuredStatistics(List<JsonNode> pairs) {
        this.pairs = pairs;
    }

    /// Computes the statistics.
    ///
    /// @param rows pairs, the newest first
    public static ObjectNode of(ArrayNode rows) {
        long run = rows.path(0).path("run").asLong(0);
        List<JsonNode> pairs = new ArrayList<>();
        for (JsonNode row : rows) {
            if (row.path("run").asLong(0) == run) {
                pairs.addFirst(row);
            }
        }
        return new MeasuredStatistics(pairs).toJson(run);
    }

    private ObjectNode toJson(long run) {
        ObjectNode json = Json.object();
        json.put("object", "measured");
        json.put("run", run);
        json.put("pairs", pairs.size());
        if (!pairs.isEmpty()) {
            json.put("from", pairs.getFirst().path("at").asString(""));
            json.put("to", pairs.getLast().path("at").asString(""));
        }
        // The tokens of a request and of the baseline's answer, which are today's cost.
        ratio(json, "tokens_per_request", pair -> sums(tokens(pair, Side.BASELINE), 1));
        ratio(json, "token_ratio", pair -> sums(tokens(pair, Side.CANDIDATE), tokens(pair, Side.BASELINE)));
        ratio(json, "time_ratio", pair -> sums(time(pair, Side.CANDIDATE), time(pair, Side.BASELINE)));
        share(json);
        json.set("depths", DepthTable.of(pairs));
        ArrayNode gates = json.putArray("gates");
        byGate().forEach((gate, means) -> {
            ObjectNode one = gates.addObject().put("gate", gate);
            put(one, MeanInterval.of(means, -1, 1, ERROR));
        });
        return json;
    }

    private static void put(ObjectNode json, MeanInterval interval) {
        put(json, interval.low(), interval.mean(), interval.high(), interval.count());
    }

    private static void put(ObjectNode json, double low, double mean, double high, long conversations) {
        json.put("low", low).put("mean", mean).put("high", high).put("conversations", conversations);
    }

    private static boolean isOfClients(JsonNode pair) {
        return !GoldenConversation.is(pair.path("conversation").asString(""));
    }

    private static Optional<RatioInterval.Sums> sums(double above, double below) {
        return above > 0 && below > 0 ? Optional.of(new RatioInterval.Sums(above, below)) : Optional.empty();
    }

    private static double tokens(JsonNode pair, Side side) {
        JsonNode outcome = pair.path("outcome").path(side.word());
        return outcome.path("prompt_tokens").asDouble(0)
                + outcome.path("completion_tokens").asDouble(0);
    }

    /// The milliseconds until a request has its answer. If one side fails, the other has to answer, so a failure
    /// counts with the time until it failed (for a timeout, the limit) plus the other side's time. If both fail,
    /// each counts with its own time. A time below a millisecond counts as one: its pair stays in the ratio.
    private static double time(JsonNode pair, Side side) {
        JsonNode outcome = pair.path("outcome");
        JsonNode own = outcome.path(side.word());
        JsonNode other = outcome.path(side.other().word());
        boolean otherAnswers = own.has("failed") && !other.has("failed");
        double total = own.path("total_ms").asDouble(0)
                + (otherAnswers ? other.path("total_ms").asDouble(0) : 0);
        return own.has("total_ms") ? Math.max(1, total) : 0;
    }

    private void ratio(ObjectNode json, String name, Function<JsonNode, Optional<RatioInterval.Sums>> read) {
        Map<String, RatioInterval.Sums> byConversation = new LinkedHashMap<>();
        for (JsonNode pair : pairs) {
            if (isOfClients(pair)) {
                read.apply(pair)
                        .ifPresent(sums -> byConversation.merge(
                                pair.path("conversation").asString(""), sums, RatioInterval.Sums::and));
            }
        }
        if (byConversation.size() >= RatioInterval.MIN_CONVERSATIONS) {
            RatioInterval interval = RatioInterval.of(byConversation.values());
            put(json.putObject(name), interval.low(), interval.mean(), interval.high(), interval.count());
        }
    }

    /// The share of the full-depth FLOPs that the candidate spent.
    private void share(ObjectNode json) {
        Map<String, Mean> shares = new LinkedHashMap<>();
        Map<String, Mean> depths = new LinkedHashMap<>();
        for (JsonNode pair : pairs) {
            JsonNode candidate = pair.path("outcome").path("candidate");
            if (candidate.has("flops_share") && isOfClients(pair)) {
                String conversation = pair.path("conversation").asString("");
                shares.merge(conversation, Mean.of(candidate.path("flops_share").asDouble(1)), Mean::and);
                depths.merge(conversation, Mean.of(candidate.path("mean_depth").asDouble(1)), Mean::and);
            }
        }
        if (!shares.isEmpty()) {
            put(json.putObject("flops_share"), MeanInterval.of(values(shares), 0, 1, ERROR));
            json.put("mean_depth", Arrays.stream(values(depths)).average().orElse(1));
        }
    }

    /// A running mean.
    private record Mean(double sum, long count) {
        static Mean of(double value) {
            return new Mean(value, 1);
        }

        Mean and(Mean other) {
            return new Mean(sum + other.sum, count + other.count);
        }
    }

    private static double[] values(Map<String, Mean> means) {
        return means.values().stream()
                .mapToDouble(mean -> mean.sum() / mean.count())
                .toArray();
    }

    /// The mean difference of each conversation, by gate.
    private Map<String, double[]> byGate() {
        Map<String, Map<String, Mean>> gates = new TreeMap<>();
        for (JsonNode pair : pairs) {
            String conversation = pair.path("conversation").asString("");
            pair.path("outcome")
                    .path("differences")
                    .properties()
                    .forEach(difference -> gates.computeIfAbsent(difference.getKey(), _ -> new LinkedHashMap<>())
                            .merge(conversation, Mean.of(difference.getValue().asDouble(0)), Mean::and));
        }
        Map<String, double[]> means = new LinkedHashMap<>();
        gates.forEach((gate, ofConversations) -> means.put(gate, values(ofConversations)));
        return means;
    }
}
