package dev.saiki.rollout.pages;

import dev.saiki.http.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The recursion depths of the candidate's tokens, by tenant and kind of request. The tenants with the most tokens
/// are listed by name; all others are added up.
public final class DepthTable {

    static final int TENANTS = 20;
    private static final String OTHERS = "other";

    private DepthTable() {}

    /// The key of a row: a tenant and a kind of request.
    ///
    /// @param tenant name of an API key; empty if keys are off
    /// @param kind the kind of the requests
    private record Group(String tenant, String kind) {}

    /// Sums over answers, weighted by tokens.
    ///
    /// @param answers number of answers
    /// @param tokens the number of tokens in prompts and answers
    /// @param recursions the number of recursions of all these tokens
    /// @param arithmetic the sum, over the answers, of an answer's tokens times its share of the full-depth FLOPs
    private record Sums(long answers, double tokens, double recursions, double arithmetic) {
        Sums and(Sums other) {
            return new Sums(
                    answers + other.answers,
                    tokens + other.tokens,
                    recursions + other.recursions,
                    arithmetic + other.arithmetic);
        }
    }

    /// Computes the table from pairs.
    ///
    /// @param pairs the pairs of one run
    public static ArrayNode of(List<JsonNode> pairs) {
        Map<Group, Sums> groups = new LinkedHashMap<>();
        for (JsonNode pair : pairs) {
            JsonNode candidate = pair.path("outcome").path("candidate");
            String kind = pair.path("outcome").path("kind").asString("");
            double tokens = candidate.path("prompt_tokens").asDouble(0)
                    + candidate.path("completion_tokens").asDouble(0);
            if (candidate.has("mean_depth") && tokens > 0 && !kind.isEmpty()) {
                groups.merge(
                        new Group(pair.path("tenant").asString(""), kind),
                        new Sums(
                                1,
                                tokens,
                                tokens * candidate.path("mean_depth").asDouble(0),
                                tokens * candidate.path("flops_share").asDouble(1)),
                        Sums::and);
            }
        }
        return rows(bounded(groups));
    }

    private static Map<Group, Sums> bounded(Map<Group, Sums> groups) {
        Map<String, Double> tokens = new LinkedHashMap<>();
        groups.forEach((group, sums) -> tokens.merge(group.tenant(), sums.tokens(), Double::sum));
        Set<String> named = tokens.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(TENANTS)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        Map<Group, Sums> bounded = new LinkedHashMap<>();
        groups.forEach((group, sums) -> bounded.merge(
                named.contains(group.tenant()) ? group : new Group(OTHERS, group.kind()), sums, Sums::and));
        return bounded;
    }

    private static ArrayNode rows(Map<Group, Sums> groups) {
        List<Map.Entry<Group, Sums>> sorted = new ArrayList<>(groups.entrySet());
        sorted.sort(Comparator.comparing(
                        (Map.Entry<Group, Sums> row) -> row.getKey().tenant())
                .thenComparing(row -> row.getKey().kind()));
        ArrayNode rows = Json.array();
        for (Map.Entry<Group, Sums> row : sorted) {
            Sums sums = row.getValue();
            rows.addObject()
                    .put("tenant", row.getKey().tenant())
                    .put("kind", row.getKey().kind())
                    .put("answers", sums.answers())
                    .put("tokens", (long) sums.tokens())
                    .put("mean_depth", sums.recursions() / sums.tokens())
                    .put("flops_share", sums.arithmetic() / sums.tokens());
        }
        return rows;
    }
}
