package dev.saiki.train;

import dev.saiki.train.metrics.MetricNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The result of a validation: held-out rows scored with causal routing in float32. The loss of conversations is that
/// of their answers.
///
/// @param step the number of steps taken
/// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
/// @param standardError standard error of the loss over rows, nats; NaN for a single row
/// @param bitsPerByte the loss of all predicted tokens over the bytes of text they stand for, in bits; the token that
///     ends a document costs bits and has no bytes
/// @param meanRecursionDepth mean number of recursions of a token
/// @param depthShares shares of the tokens by depth, from 1
/// @param sides the depth of prompts and of answers apart; empty for running text
/// @param text the loss of text that is learnt beside conversations; empty if none is
/// @param sequences rows scored
/// @param isBest whether no earlier validation of the run had a lower loss
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

    /// The depth of the two sides of conversations.
    ///
    /// @param promptDepth mean number of recursions of a token that is read only
    /// @param answerDepth mean number of recursions of a token of an answer
    public record Sides(double promptDepth, double answerDepth) {}

    /// The loss of the held-out text that is trained on beside conversations.
    ///
    /// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
    /// @param standardError standard error of the loss over rows, nats; NaN for a single row
    public record TextLoss(double crossEntropyLoss, double standardError) {}

    /// Keeps its own copy of the list.
    public ValidationReport {
        depthShares = List.copyOf(depthShares);
    }

    /// The numbers by the names that they have in metrics and manifests.
    ///
    /// @return name to value
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
