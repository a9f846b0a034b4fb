package dev.saiki.eval.study;

import dev.saiki.model.ScoreOptions;

/// Something that a study measures on every finished checkpoint, without training.
///
/// A plan names each of them under `evaluation.more`, with a `kind`. A new kind is a record here, a case
/// where plans are read, and a case where checkpoints are measured; the compiler finds the places.
public sealed interface StudyEvaluation {

    /// The name in the plan.
    ///
    /// @return the name
    String name();

    /// The kind, as a plan spells it.
    ///
    /// @return the spelling
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
            return KIND;
        }
    }
}
