package dev.saiki.train.recipe;

/// A part of a run, given as a number of steps or as a share of the run.
public sealed interface RunPortion {

    /// A number of steps.
    ///
    /// @param count the number of steps, 0 or more
    record Steps(long count) implements RunPortion {}

    /// A share of the run's steps.
    ///
    /// @param share in [0, 1]
    record Fraction(double share) implements RunPortion {}

    /// The length of the part.
    ///
    /// @param totalSteps the number of steps of the whole run
    /// @return a number of steps, rounded
    default long of(long totalSteps) {
        return switch (this) {
            case Steps steps -> steps.count();
            case Fraction fraction -> Math.round(fraction.share() * totalSteps);
        };
    }
}
