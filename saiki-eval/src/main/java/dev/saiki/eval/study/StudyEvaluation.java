package dev.saiki.eval.study;

import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.Locale;

/// Something that a study measures on every finished checkpoint, without training.
///
/// A plan names each of them under `evaluation.more`, with a `kind`. A new kind is a record here, a case
/// where plans are read, and a case where checkpoints are measured; the compiler finds the places.
public sealed interface StudyEvaluation {

    /// The name in the plan.
    ///
    /// @return the name
    String name();

    /// The kind, with its settings if there are any: what tells whether a checkpoint has been measured like this.
    ///
    /// @return such as `held_out max_depth=1`
    String kind();

    /// The loss on the held-out rows under some routing.
    ///
    /// @param name the name in the plan
    /// @param options how tokens are routed
    record HeldOut(String name, ScoreOptions options) implements StudyEvaluation {

        /// How a plan spells it.
        public static final String KIND = "held_out";

        /// What every study measures first.
        public static final HeldOut CAUSAL = new HeldOut("causal", ScoreOptions.CAUSAL);

        @Override
        public String kind() {
            StringBuilder kind = new StringBuilder(KIND);
            if (options.rule() != RoutingRequest.Rule.CAUSAL) {
                kind.append(" routing=").append(options.rule().name().toLowerCase(Locale.ROOT));
            }
            if (options.maxDepth() != RoutingRequest.UNBOUNDED) {
                kind.append(" max_depth=").append(options.maxDepth());
            }
            if (!Double.isNaN(options.effort())) {
                kind.append(" effort=").append(options.effort());
            }
            return kind.toString();
        }
    }
}
