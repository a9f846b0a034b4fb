package dev.saiki.eval.tasks;

import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.Map;

/// A document of a task with its prompts, and the model's answers.
///
/// @param task name of the task
/// @param number index of the document in its split, from 0
/// @param row the document
/// @param item the document as an item
/// @param prompts the prompts
/// @param answers the model's results, one per possible answer
/// @param measured metrics of this document
public record LoggedSample(
        String task,
        int number,
        DataRow row,
        Item item,
        List<ContinuationPrompt> prompts,
        List<ScoredContinuation> answers,
        Map<Metric, Double> measured) {

    /// Copies the collections.
    public LoggedSample {
        prompts = List.copyOf(prompts);
        answers = List.copyOf(answers);
        measured = Map.copyOf(measured);
    }
}
