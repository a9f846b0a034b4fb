package dev.saiki.train;

import java.util.List;

/// The result of scoring held-out rows with causal routing, in float32.
///
/// @param step the number of steps taken
/// @param crossEntropyLoss mean negative log-likelihood of the next token, nats
/// @param standardError standard error of the loss over rows, nats; NaN for a single row
/// @param bitsPerByte the loss of all predicted tokens over the bytes of text they stand for, in bits; the token that
///     ends a document costs bits and has no bytes
/// @param meanRecursionDepth mean number of recursions of a token
/// @param depthShares shares of the tokens by depth, from 1
/// @param sequences rows scored
/// @param isBest whether no earlier validation of the run had a lower loss
public record ValidationReport(
        long step,
        double crossEntropyLoss,
        double standardError,
        double bitsPerByte,
        double meanRecursionDepth,
        List<Double> depthShares,
        int sequences,
        boolean isBest) {

    /// Keeps its own copy of the list.
    public ValidationReport {
        depthShares = List.copyOf(depthShares);
    }
}
