package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// One evaluation of one checkpoint.
///
/// @param name its name in the plan
/// @param kind its kind in the plan, with settings, such as `held_out max_depth=1`
/// @param nll mean negative log-likelihood of a token
/// @param standardError its standard error over held-out documents
/// @param bitsPerByte the same loss in bits for each byte of text
/// @param meanDepth mean number of recursions of a token
/// @param meanLayers mean number of unrolled layers that a token passed
/// @param shareOfTokensPerDepth share of tokens that ended at each depth, from 1
/// @param flopsPerToken forward FLOPs of a token at the depths measured, counted for each row: with the
///     head, with routers, and with the checks of early exit
/// @param cacheBytesPerToken bytes of keys and values of a token at the depths measured; with early exit
///     those of full depth, for a token that left has keys in the layers it skipped
/// @param exits exits that were added; absent if none were
/// @param rowNlls sum of negative log-likelihoods over the tokens of each row, in the order of {@link DatasetSummary}
public record Measurement(
        String name,
        String kind,
        double nll,
        double standardError,
        double bitsPerByte,
        double meanDepth,
        double meanLayers,
        List<Double> shareOfTokensPerDepth,
        double flopsPerToken,
        double cacheBytesPerToken,
        Optional<EarlyExitSetting> exits,
        List<Double> rowNlls) {
    /// Keeps its own copies of the lists.
    public Measurement {
        shareOfTokensPerDepth = List.copyOf(shareOfTokensPerDepth);
        rowNlls = List.copyOf(rowNlls);
    }

    /// Returns the FLOPs of a token as if it were known for nothing which tokens leave.
    ///
    /// @return those of `exits`, or the only ones there are
    public double flopsPerTokenWithoutChecks() {
        return exits.map(EarlyExitSetting::flopsPerTokenWithoutChecks).orElse(flopsPerToken);
    }
}
