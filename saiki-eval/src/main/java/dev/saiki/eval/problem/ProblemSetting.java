package dev.saiki.eval.problem;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Locale;

/// A compute setting at which problems are evaluated.
///
/// @param label the setting for tables, such as `effort 0.5` or `depth 2`
/// @param options the options that score a text at this setting, with causal routing
public record ProblemSetting(String label, ScoreOptions options) {

    /// The model's default: its router at its default effort, or all recursions.
    public static final ProblemSetting DEFAULT = new ProblemSetting("default", ScoreOptions.CAUSAL);

    /// Creates a setting of a model with expert-threshold routing.
    ///
    /// @param value the effort, from 0 to 1
    /// @return the setting
    public static ProblemSetting effort(double value) {
        return new ProblemSetting(
                String.format(Locale.ROOT, "effort %.3g", value),
                new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, value));
    }

    /// Creates a bound on the depth, at full effort.
    ///
    /// @param value the maximum number of recursions, from 1
    /// @param hasEfforts whether the model has efforts
    /// @return the setting
    public static ProblemSetting depth(int value, boolean hasEfforts) {
        return new ProblemSetting(
                "depth " + value, new ScoreOptions(RoutingRequest.Rule.CAUSAL, value, hasEfforts ? 1 : Double.NaN));
    }
}
