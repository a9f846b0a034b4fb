package dev.saiki.eval.tasks;

import java.util.List;
import java.util.Optional;

/// The result of a task.
///
/// @param name the key in results files
/// @param version version for results files
/// @param shots number of solved examples before each document
/// @param documents number of documents in the split
/// @param evaluated number of evaluated documents
/// @param truncated number of prompts truncated at the beginning to fit the model's context
/// @param chance expected accuracy of guessing, averaged over the documents; NaN if undefined
/// @param measured metrics in order
/// @param spent cost of the task
public record TaskResult(
        String name,
        double version,
        int shots,
        int documents,
        int evaluated,
        int truncated,
        double chance,
        List<MetricValue> measured,
        EvaluationCost spent) {

    /// Copies the list.
    public TaskResult {
        measured = List.copyOf(measured);
    }

    /// Finds a metric.
    ///
    /// @param metric the metric
    /// @return the metric's value, if it was measured
    public Optional<MetricValue> find(Metric metric) {
        return measured.stream().filter(one -> one.metric() == metric).findFirst();
    }

    TaskResult renamed(String other) {
        return new TaskResult(other, version, shots, documents, evaluated, truncated, chance, measured, spent);
    }
}
