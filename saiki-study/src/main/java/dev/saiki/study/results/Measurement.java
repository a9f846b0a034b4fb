package dev.saiki.study.results;

import java.util.List;
import java.util.Optional;

/// One evaluation of one checkpoint.
///
/// @param name the evaluation's name in the plan
/// @param kind the evaluation's kind in the plan, with settings, such as `held_out max_depth=1`
/// @param nll mean negative log-likelihood per token
/// @param standardError standard error of the loss over held-out documents
/// @param bitsPerByte the loss in bits per byte of text
/// @param meanDepth mean number of recursions per token
/// @param meanLayers mean number of unrolled layers per token
/// @param shareOfTokensPerDepth share of tokens with each final depth, from 1
/// @param flopsPerToken forward FLOPs per token at the measured depths, counted for each row, including the
///     head, routers, and the checks of early exit
/// @param cacheBytesPerToken bytes of keys and values per token at the measured depths; with early exit, the
///     bytes at full depth, because an exited token has keys in the layers that it skipped
/// @param exits early exits added for the measurement; absent if none
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
    /// Copies the lists.
    public Measurement {
        shareOfTokensPerDepth = List.copyOf(shareOfTokensPerDepth);
        rowNlls = List.copyOf(rowNlls);
    }

    /// Returns the FLOPs per token without the cost of deciding which tokens exit.
    ///
    /// @return the value in `exits`; without exits `flopsPerToken`
    public double flopsPerTokenWithoutChecks() {
        return exits.map(EarlyExitSetting::flopsPerTokenWithoutChecks).orElse(flopsPerToken);
    }
}
