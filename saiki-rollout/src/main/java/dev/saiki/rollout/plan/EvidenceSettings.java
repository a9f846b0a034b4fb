package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.router.RouterWatch;
import java.time.Duration;
import java.util.Optional;

/// The rules that turn evidence into decisions.
///
/// @param retreatError α: the largest probability, over all gates, slices, stages and attempts, of retreating within
///     {@link #HORIZON} compared conversations from a candidate that is within the tolerances
/// @param promoteError β: the largest probability, over all stages and attempts, of promoting a candidate that is
///     worse than tolerated
/// @param sliceTolerance the least tolerance of a gate in a slice of the traffic
/// @param time time after which an answer that is still awaited counts as not delivered
/// @param automatic whether the next stage begins without an operator once the evidence allows it
/// @param router rules for monitoring the candidate's router; empty if the router is not monitored
public record EvidenceSettings(
        double retreatError,
        double promoteError,
        double sliceTolerance,
        Duration time,
        boolean automatic,
        Optional<RouterWatch> router) {

    /// The number of compared conversations for which the promise about retreats holds.
    public static final long HORIZON = 300_000;

    /// The defaults: error probabilities of 5 % each, a tolerance of 0.25 in slices, two minutes for both answers, and
    /// promotion by an operator.
    public static final EvidenceSettings DEFAULT =
            new EvidenceSettings(0.05, 0.05, 0.25, Duration.ofMinutes(2), false, Optional.empty());

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public EvidenceSettings {
        requireChance("retreat_error", retreatError);
        requireChance("promote_error", promoteError);
        if (!(sliceTolerance >= 0 && sliceTolerance < 1)) {
            throw InputException.of("evidence", "slice_tolerance", "from 0 to below 1", sliceTolerance);
        }
        if (!time.isPositive()) {
            throw InputException.of("evidence", "time", "positive", time);
        }
    }

    /// Returns the share of β that an attempt gets: β / (k (k + 1)) for the k-th one, which adds up to β however many
    /// attempts there are.
    ///
    /// @param attempt the number of the attempt, from 1
    /// @return the largest probability of a wrong promotion by this attempt
    public double promoteErrorOf(int attempt) {
        return promoteError / ((double) attempt * (attempt + 1));
    }

    private static void requireChance(String name, double chance) {
        if (!(chance > 0 && chance < 1)) {
            throw InputException.of("evidence", name, "between 0 and 1", chance);
        }
    }
}
