package dev.saiki.eval.tasks;

import dev.saiki.model.ScoredContinuation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToIntFunction;

/// One document of a task: its prompts, and a rule for judging the answers.
public sealed interface Item {

    /// The usual separator between a question and its answer.
    String DELIMITER = " ";

    /// The separator between few-shot examples.
    String BETWEEN_SHOTS = "\n\n";

    /// A question with several possible answers.
    ///
    /// @param context the question
    /// @param choices the answers, none empty
    /// @param gold index of the right answer
    /// @param delimiter separator between the question and each answer
    record Choices(String context, List<String> choices, int gold, String delimiter) implements Item {
        /// Copies the list.
        public Choices {
            choices = List.copyOf(choices);
        }
    }

    /// One ending that follows several possible beginnings.
    ///
    /// @param contexts the beginnings
    /// @param ending the text after each context
    /// @param gold index of the right beginning
    record Contexts(List<String> contexts, String ending, int gold) implements Item {
        /// Copies the list.
        public Contexts {
            contexts = List.copyOf(contexts);
        }
    }

    /// A text that the model must complete word for word.
    ///
    /// @param context the beginning of the text
    /// @param ending the end of the text, including whitespace at the start
    record Cloze(String context, String ending) implements Item {}

    /// Returns the prompts whose likelihoods show the model's answer.
    ///
    /// @param before description of the task and solved examples
    /// @return one prompt for each possible answer
    default List<ContinuationPrompt> prompts(String before) {
        return switch (this) {
            case Choices item ->
                item.choices().stream()
                        .map(choice -> new ContinuationPrompt(before + item.context(), item.delimiter() + choice))
                        .toList();
            case Contexts item ->
                item.contexts().stream()
                        .map(context -> new ContinuationPrompt(before + context, DELIMITER + item.ending()))
                        .toList();
            case Cloze item -> List.of(new ContinuationPrompt(before + item.context(), item.ending()));
        };
    }

    /// Returns the document with its right answer, as a few-shot example.
    ///
    /// @return question, answer, and the separator to the next text
    default String solved() {
        return switch (this) {
            case Choices item ->
                item.context() + item.delimiter() + item.choices().get(item.gold()) + BETWEEN_SHOTS;
            case Contexts item -> item.contexts().get(item.gold()) + DELIMITER + item.ending() + BETWEEN_SHOTS;
            case Cloze item -> item.context() + DELIMITER + item.ending() + BETWEEN_SHOTS;
        };
    }

    /// Returns the expected accuracy of guessing.
    ///
    /// @return the expected accuracy; 0 if there are no choices
    default double chance() {
        return switch (this) {
            case Choices item -> 1.0 / item.choices().size();
            case Contexts item -> 1.0 / item.contexts().size();
            case Cloze _ -> 0;
        };
    }

    /// Judges the answers to the prompts.
    ///
    /// @param metric the metric to compute
    /// @param answers one result for each prompt
    /// @return 1 or 0 for accuracies, a log-likelihood for {@link Metric#PERPLEXITY}
    default double measure(Metric metric, List<ScoredContinuation> answers) {
        return switch (this) {
            case Choices item -> choose(metric, answers, item.choices(), item.gold());
            case Contexts item -> choose(metric, answers, item.contexts(), item.gold());
            case Cloze _ -> {
                ScoredContinuation only = answers.getFirst();
                boolean likelihood = metric == Metric.PERPLEXITY;
                yield likelihood ? only.logLikelihood() : only.isGreedy() ? 1 : 0;
            }
        };
    }

    private static double choose(Metric metric, List<ScoredContinuation> answers, List<String> choices, int gold) {
        ToIntFunction<String> size = switch (metric) {
            case ACC -> _ -> 1;
            case ACC_NORM -> PythonText::length;
            case ACC_BYTES -> choice -> choice.getBytes(StandardCharsets.UTF_8).length;
            case PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE, TOKEN_PERPLEXITY, NLL ->
                throw new IllegalArgumentException(metric + " is not a metric for choices");
        };
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < choices.size(); i++) {
            double score = answers.get(i).logLikelihood() / size.applyAsInt(choices.get(i));
            // If several scores are equal, the first one wins, as in NumPy's argmax.
            if (score > highest) {
                best = i;
                highest = score;
            }
        }
        return best == gold ? 1 : 0;
    }
}
