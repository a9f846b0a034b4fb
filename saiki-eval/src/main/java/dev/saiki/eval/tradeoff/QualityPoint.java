package dev.saiki.eval.tradeoff;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.PairedDifference;
import java.util.Locale;

/// The loss of a model at one compute setting, and the cost of that setting.
///
/// @param kind kind of setting
/// @param setting value of the setting: target share of the layers for early exit, depth for a bound, effort for
///     effort, and number of recursions for full depth
/// @param threshold exit threshold, chosen on other text; NaN for all kinds except early exit
/// @param nll nats per token on the reported text
/// @param bitsPerByte bits per byte on the reported text
/// @param difference loss at this setting minus the loss at full depth on the same tokens; positive if this
///     setting is worse than full depth
/// @param meanDepth mean number of recursions per token
/// @param meanLayers mean number of unrolled layers per token, a unit that suits models with and without recursion
/// @param flopsPerToken FLOPs per token in total, including the checks of early exit
/// @param flopsPerTokenWithoutChecks FLOPs per token without the cost of deciding which tokens exit
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
        /// No restriction: every token may take all layers, at the highest effort.
        FULL_DEPTH,
        /// A threshold of the confidence at which tokens exit, in a model that was trained without exits.
        EARLY_EXIT,
        /// A bound on the depth of every token, at the highest effort.
        DEPTH_BOUND,
        /// The effort of expert-threshold routing.
        EFFORT;

        /// Returns the name in JSON.
        ///
        /// @return a name such as `early_exit`
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
