package dev.saiki.eval.tasks;

import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.corpus.DataRow;
import java.util.List;
import java.util.Map;

/// What was asked about one document, and what the model said.
///
/// @param task name of the task
/// @param number of the document in its split, from 0
/// @param row the document
/// @param item what was made of it
/// @param prompts what was asked
/// @param answers what the model said, one an answer
/// @param measured metrics of this document
public record Sample(
        String task,
        int number,
        DataRow row,
        Item item,
        List<Prompt> prompts,
        List<ScoredContinuation> answers,
        Map<Metric, Double> measured) {

    /// Keeps its own copies.
    public Sample {
        prompts = List.copyOf(prompts);
        answers = List.copyOf(answers);
        measured = Map.copyOf(measured);
    }
}
