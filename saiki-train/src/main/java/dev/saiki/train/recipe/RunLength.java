package dev.saiki.train.recipe;

/// The length of a run in one of three units. The length of a cool-down counts the whole run, including the part
/// before the cool-down.
public sealed interface RunLength {

    /// A number of optimizer steps.
    ///
    /// @param count at least 1
    record Steps(long count) implements RunLength {
        /// Checks the range.
        public Steps {
            RecipeChecks.atLeast(1, "schedule.steps", count);
        }
    }

    /// A number of training tokens, rounded to whole steps.
    ///
    /// @param count at least 1
    record Tokens(long count) implements RunLength {
        /// Checks the range.
        public Tokens {
            RecipeChecks.atLeast(1, "schedule.tokens", count);
        }
    }

    /// A budget of forward FLOPs, rounded to whole steps. Runs with equal budgets are the paper's equal-compute
    /// runs.
    ///
    /// @param count positive
    record ForwardFlops(double count) implements RunLength {
        /// Checks the range.
        public ForwardFlops {
            RecipeChecks.positive("schedule.forward_flops", count);
        }
    }

    /// The number of steps of the run.
    ///
    /// @param forwardFlopsPerToken forward FLOPs per token, by the accounting of the model
    /// @param tokensPerStep training tokens in a global batch
    /// @return at least 1
    default long steps(double forwardFlopsPerToken, long tokensPerStep) {
        return switch (this) {
            case Steps steps -> steps.count();
            case Tokens tokens -> Math.max(1, Math.round((double) tokens.count() / tokensPerStep));
            case ForwardFlops flops -> Math.max(1, Math.round(flops.count() / (forwardFlopsPerToken * tokensPerStep)));
        };
    }
}
