package dev.saiki.train;

import dev.saiki.train.metrics.MetricNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The result of a validation: held-out rows scored with causal routing in float32. For conversations the loss
/// covers answers only.
///
/// @param step the number of steps taken
/// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
/// @param standardError standard error of the loss over rows, nats; NaN for a single row
/// @param bitsPerByte the loss of all predicted tokens in bits, divided by the bytes of their text; an
///     end-of-document token costs bits but has no bytes
/// @param meanRecursionDepth the mean number of recursions per token
/// @param depthShares the share of tokens at each depth, from 1
/// @param sides the separate depths of prompts and answers; empty for running text
/// @param text the loss on the text that is mixed with conversations; empty if there is no such text
/// @param sequences rows scored
/// @param isBest whether the loss is the run's lowest so far; always false before training, and until every
///     recursion is enabled
public record ValidationReport(
        long step,
        double crossEntropyLoss,
        double standardError,
        double bitsPerByte,
        double meanRecursionDepth,
        List<Double> depthShares,
        Optional<Sides> sides,
        Optional<TextLoss> text,
        int sequences,
        boolean isBest) {

    /// The recursion depths of prompts and answers.
    ///
    /// @param promptDepth the mean number of recursions per prompt token
    /// @param answerDepth the mean number of recursions per answer token
    public record Sides(double promptDepth, double answerDepth) {}

    /// The loss on the held-out text of a run that mixes text with conversations.
    ///
    /// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
    /// @param standardError standard error of the loss over rows, nats; NaN for a single row
    public record TextLoss(double crossEntropyLoss, double standardError) {}

    /// Copies the list.
    public ValidationReport {
        depthShares = List.copyOf(depthShares);
    }

    /// The values by their names in metrics and manifests.
    ///
    /// @return the values by name
    public SequencedMap<String, Double> metrics() {
        SequencedMap<String, Double> values = new LinkedHashMap<>();
        values.put(MetricNames.VALIDATION_LOSS, crossEntropyLoss);
        values.put(MetricNames.VALIDATION_STANDARD_ERROR, standardError);
        text.ifPresent(beside -> {
            values.put(MetricNames.VALIDATION_TEXT_LOSS, beside.crossEntropyLoss());
            values.put(MetricNames.VALIDATION_TEXT_STANDARD_ERROR, beside.standardError());
        });
        values.put(MetricNames.VALIDATION_BITS_PER_BYTE, bitsPerByte);
        values.put(MetricNames.VALIDATION_MEAN_DEPTH, meanRecursionDepth);
        sides.ifPresent(apart -> {
            values.put(MetricNames.VALIDATION_PROMPT_DEPTH, apart.promptDepth());
            values.put(MetricNames.VALIDATION_ANSWER_DEPTH, apart.answerDepth());
        });
        for (int depth = 1; depth <= depthShares.size(); depth++) {
            values.put(MetricNames.VALIDATION_DEPTH_SHARE + depth, depthShares.get(depth - 1));
        }
        return values;
    }
}
