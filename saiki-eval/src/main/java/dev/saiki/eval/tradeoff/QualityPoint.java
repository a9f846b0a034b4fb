package dev.saiki.eval.tradeoff;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.PairedDifference;
import java.util.Locale;

/// The loss of a model at one setting of its compute, and the cost.
///
/// @param kind what is set
/// @param setting to what: for early exit the share of the layers aimed at, for a bound the depth, for effort the
///     effort; for full depth the number of recursions
/// @param threshold of early exit, chosen on other text; NaN for every other kind
/// @param nll nats a token on the text reported
/// @param bitsPerByte the same in bits for each byte
/// @param difference from full depth on the same tokens; positive if this setting is worse
/// @param meanDepth recursions of a token
/// @param meanLayers unrolled layers that a token passed, which models with and without recursion share
/// @param flopsPerToken FLOPs a token with everything that it takes, the checks of early exit included
/// @param flopsPerTokenWithoutChecks the same, as if it were known for nothing which tokens leave
public record QualityPoint(
        Kind kind,
        double setting,
        double threshold,
        Estimate nll,
        double bitsPerByte,
        PairedDifference difference,
        double meanDepth,
        double meanLayers,
        double flopsPerToken,
        double flopsPerTokenWithoutChecks) {

    /// The kind of a setting.
    public enum Kind {
        /// Nothing: every token may take all layers, at the greatest effort.
        FULL_DEPTH,
        /// The confidence at which tokens leave a model that was trained without exits.
        EARLY_EXIT,
        /// A bound on the depth of every token, at the greatest effort.
        DEPTH_BOUND,
        /// The compute dial of expert-threshold routing.
        EFFORT;

        /// Returns the name in JSON.
        ///
        /// @return such as `early_exit`
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
