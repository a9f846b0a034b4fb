package dev.saiki.report.findings;

import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The results of one call of `saiki eval`.
///
/// @param model name of the checkpoint at the time of the evaluation
/// @param routing routing rule
/// @param scores the scores
record TaskScores(String model, String routing, List<Score> scores) {

    private static final String FILTER = ",none";
    private static final String ERROR = "_stderr";
    private static final int MAX_TASKS = 1000;

    /// One score.
    ///
    /// @param task name of the task
    /// @param metric name of the metric
    /// @param value the number
    /// @param standardError standard error of the score; NaN if there is none
    /// @param chance expected score of guessing; NaN if undefined
    /// @param meanDepth mean number of recursions of the tokens read; NaN if unknown
    /// @param flopsPerToken forward FLOPs per token; NaN if unknown
    record Score(
            String task,
            String metric,
            double value,
            double standardError,
            double chance,
            double meanDepth,
            double flopsPerToken) {}

    /// Reads a results file.
    ///
    /// @param root content of the file
    /// @param where location, for messages
    /// @throws InputException if the file has no results, or too many
    static TaskScores of(JsonNode root, String where) {
        JsonNode results = root.path("results");
        if (!results.isObject() || results.size() > MAX_TASKS) {
            throw InputException.of(where, "results", "an object of at most " + MAX_TASKS + " tasks", results.size());
        }
        List<Score> scores = new ArrayList<>();
        for (Map.Entry<String, JsonNode> task : results.properties()) {
            JsonNode spent = root.path("saiki").path("spent").path(task.getKey());
            for (Map.Entry<String, JsonNode> number : task.getValue().properties()) {
                String key = number.getKey();
                if (!key.endsWith(FILTER) || key.endsWith(ERROR + FILTER)) {
                    continue;
                }
                String metric = key.substring(0, key.length() - FILTER.length());
                scores.add(new Score(
                        task.getKey(),
                        metric,
                        number(number.getValue()),
                        number(task.getValue().path(metric + ERROR + FILTER)),
                        metric.startsWith("acc") ? number(spent.path("chance")) : Double.NaN,
                        number(spent.path("mean_depth")),
                        number(spent.path("flops_per_token"))));
            }
        }
        return new TaskScores(
                root.path("model_name").asString(""),
                root.path("saiki").path("routing").asString(""),
                scores);
    }

    private static double number(JsonNode node) {
        return node.isNumber() ? node.numberValue().doubleValue() : Double.NaN;
    }
}
