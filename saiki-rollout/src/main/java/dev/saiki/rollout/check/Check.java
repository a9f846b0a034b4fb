package dev.saiki.rollout.check;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import java.time.Duration;
import java.util.Optional;

/// What a gate observes of a request that both sides answered, and what its test measures.
public sealed interface Check
        permits ComparisonCheck,
                DepartureCheck,
                ErrorCheck,
                ErrorRateCheck,
                FeedbackCheck,
                GoldenCheck,
                LatencyQuantileCheck,
                LossCheck {

    /// Observes a pair.
    ///
    /// @param pair outcomes of both sides for a request
    /// @return the values of both sides for the gate's test; by default empty, as for checks that learn of answers
    ///     otherwise
    default Optional<Sides> observe(Pair pair) {
        return Optional.empty();
    }

    /// Tells whether the check judges pairs of answers to the same request.
    ///
    /// @return false for checks that learn of each answer otherwise, and so have no slices
    default boolean isPaired() {
        return switch (this) {
            case ComparisonCheck _, LossCheck _, ErrorCheck _, ErrorRateCheck _, LatencyQuantileCheck _ -> true;
            case DepartureCheck _, FeedbackCheck _, GoldenCheck _ -> false;
        };
    }

    /// Tells whether the check judges what answers say.
    ///
    /// @return false for checks that are content with a wrong answer in good form
    default boolean judgesContent() {
        return switch (this) {
            case LatencyCheck _ -> false;
            case ComparisonCheck _, LossCheck _, GoldenCheck _ -> true;
            case DepartureCheck _, ErrorCheck _, ErrorRateCheck _, FeedbackCheck _, LatencyQuantileCheck _ -> false;
        };
    }

    /// Observes an answer of the candidate that has none of the baseline beside it.
    ///
    /// @param request the request
    /// @param outcome the outcome of the candidate
    /// @return the candidate's value on both sides; empty for checks that compare what two answers say, or learn of
    ///     answers otherwise
    default Optional<Sides> observeAlone(String request, Outcome outcome) {
        return switch (this) {
            case LossCheck _, ErrorCheck _, ErrorRateCheck _, LatencyQuantileCheck _ ->
                observe(new Pair(request, outcome, outcome));
            case ComparisonCheck _, DepartureCheck _, FeedbackCheck _, GoldenCheck _ -> Optional.empty();
        };
    }

    /// Tells whether the check judges what clients do with the candidate's answers.
    ///
    /// @return whether there is nothing to judge as long as clients get answers of one side only
    default boolean needsClients() {
        return this instanceof DepartureCheck || this instanceof FeedbackCheck;
    }

    /// Returns the longest time of a comparison.
    ///
    /// @return the time limits of other models, services and programs
    default Duration longest() {
        return Duration.ZERO;
    }

    /// Returns what the gate's test measures.
    ///
    /// @param tolerance the gate's tolerance
    /// @return the measure; by default the difference between the losses
    default GateMeasure measure(double tolerance) {
        return new GateMeasure.Difference(tolerance);
    }
}
