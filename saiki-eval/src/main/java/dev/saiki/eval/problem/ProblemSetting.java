package dev.saiki.eval.problem;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Locale;

/// A compute setting at which problems are evaluated.
public sealed interface ProblemSetting {

    /// The options that score a text at this setting.
    ///
    /// @return causal routing with the setting
    ScoreOptions options();

    /// The setting for tables.
    ///
    /// @return such as `effort 0.5` or `depth 2`
    String label();

    /// The model's default: its router at its default effort, or all recursions.
    record Default() implements ProblemSetting {
        @Override
        public ScoreOptions options() {
            return ScoreOptions.CAUSAL;
        }

        @Override
        public String label() {
            return "default";
        }
    }

    /// An effort of expert-threshold routing.
    ///
    /// @param value the effort, from 0 to 1
    record Effort(double value) implements ProblemSetting {
        @Override
        public ScoreOptions options() {
            return new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, value);
        }

        @Override
        public String label() {
            return String.format(Locale.ROOT, "effort %.3g", value);
        }
    }

    /// A bound on the depth, at full effort.
    ///
    /// @param value the maximum number of recursions, from 1
    /// @param hasEfforts whether the model has efforts
    record Depth(int value, boolean hasEfforts) implements ProblemSetting {
        @Override
        public ScoreOptions options() {
            return new ScoreOptions(RoutingRequest.Rule.CAUSAL, value, hasEfforts ? 1 : Double.NaN);
        }

        @Override
        public String label() {
            return "depth " + value;
        }
    }
}
