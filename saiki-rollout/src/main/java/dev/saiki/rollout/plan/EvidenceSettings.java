package dev.saiki.rollout.plan;

import dev.saiki.evidence.GateMeasure;
import dev.saiki.io.InputException;
import dev.saiki.rollout.router.RouterWatch;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The rules that turn evidence into decisions.
///
/// @param retreatError α: the largest probability, over all gates, slices, stages and attempts, of retreating within
///     {@link #HORIZON} compared conversations from a candidate that is within the tolerances
/// @param promoteError β: the largest probability, over all stages and attempts, of promoting a candidate that is
///     worse than tolerated
/// @param sliceTolerance the least tolerance of a gate in a slice of the traffic
/// @param slices slices that are tested in addition to those found in the traffic
/// @param time time after which an answer that is still awaited counts as not delivered
/// @param automatic whether the next stage begins without an operator once the evidence allows it
/// @param router rules for monitoring the candidate's router; empty if the router is not monitored
public record EvidenceSettings(
        double retreatError,
        double promoteError,
        double sliceTolerance,
        List<PlannedSlice> slices,
        Duration time,
        boolean automatic,
        Optional<RouterWatch> router) {

    /// The number of compared conversations for which the promise about retreats holds.
    public static final long HORIZON = 300_000;

    /// The number of slices that a plan may name; there is room for as many that are found.
    private static final int MOST_PLANNED = GatewayPlan.MOST_SLICES / 2;

    /// The defaults: error probabilities of 5 % each, a tolerance of 0.25 in slices, two minutes for both answers, and
    /// promotion by an operator.
    public static final EvidenceSettings DEFAULT =
            new EvidenceSettings(0.05, 0.05, 0.25, List.of(), Duration.ofMinutes(2), false, Optional.empty());

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public EvidenceSettings {
        slices = List.copyOf(slices);
        requireChance("retreat_error", retreatError);
        requireChance("promote_error", promoteError);
        boolean isTolerance = sliceTolerance >= 0 && sliceTolerance < 1;
        InputException.require(isTolerance, "evidence", "slice_tolerance", "from 0 to below 1", sliceTolerance);
        Set<String> names = new HashSet<>();
        InputException.require(
                slices.size() <= MOST_PLANNED
                        && slices.stream().map(PlannedSlice::name).allMatch(names::add),
                "evidence",
                "slices",
                "at most " + MOST_PLANNED + " slices with different names",
                slices.stream().map(PlannedSlice::name).toList());
        InputException.require(time.isPositive(), "evidence", "time", "positive", time);
    }

    /// Returns the share of β that an attempt gets: β / (k (k + 1)) for the k-th one, which adds up to β however many
    /// attempts there are.
    ///
    /// @param attempt the number of the attempt, from 1
    /// @return the largest probability of a wrong promotion by this attempt
    public double promoteErrorOf(int attempt) {
        return promoteError / ((double) attempt * (attempt + 1));
    }

    /// Returns what a gate measures in a slice.
    ///
    /// @param slice the name of the slice
    /// @param measure what it measures over all conversations
    /// @return the measure with the tolerance of the slice
    public GateMeasure inSlice(String slice, GateMeasure measure) {
        return slices.stream()
                .filter(planned -> planned.name().equals(slice))
                .flatMapToDouble(planned -> planned.tolerance().stream())
                .mapToObj(measure::within)
                .findFirst()
                .orElseGet(() -> measure.inSlice(sliceTolerance));
    }

    private static void requireChance(String name, double chance) {
        InputException.require(chance > 0 && chance < 1, "evidence", name, "between 0 and 1", chance);
    }
}
