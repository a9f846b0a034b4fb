package dev.saiki.eval.tradeoff;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.PairedDifference;
import java.util.Locale;

/// The loss of a model at one compute setting, and the cost.
///
/// @param kind kind of setting
/// @param setting value of the setting: for early exit the target share of the layers, for a bound the depth, for
///     effort the effort; for full depth the number of recursions
/// @param threshold threshold of early exit, chosen on other text; NaN for every other kind
/// @param nll nats per token on the reported text
/// @param bitsPerByte the same in bits per byte
/// @param difference difference from full depth on the same tokens; positive if this setting is worse
/// @param meanDepth recursions per token
/// @param meanLayers mean number of unrolled layers per token, a unit common to models with and without recursion
/// @param flopsPerToken FLOPs per token in total, including the checks of early exit
/// @param flopsPerTokenWithoutChecks the same without the cost of deciding which tokens exit
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
        /// None: every token may take all layers, at the greatest effort.
        FULL_DEPTH,
        /// The confidence at which tokens exit a model that was trained without exits.
        EARLY_EXIT,
        /// A bound on the depth of every token, at the greatest effort.
        DEPTH_BOUND,
        /// The effort of expert-threshold routing.
        EFFORT;

        /// Returns the name in JSON.
        ///
        /// @return such as `early_exit`
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
