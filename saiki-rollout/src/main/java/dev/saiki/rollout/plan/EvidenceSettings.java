package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.router.RouterWatch;
import java.time.Duration;
import java.util.Optional;

/// The rules that turn evidence into decisions.
///
/// @param retreatError α: the largest probability, over all gates and stages, of retreating from a candidate that
///     is within the tolerances
/// @param promoteError β: the largest probability, per stage, of promoting a candidate that is worse than
///     tolerated
/// @param pairs number of pairs after which a conversation is closed
/// @param time time after which a conversation is closed even if it has fewer pairs
/// @param automatic whether the next stage begins without an operator once the evidence allows it
/// @param router rules for monitoring the candidate's router; empty if the router is not monitored
public record EvidenceSettings(
        double retreatError,
        double promoteError,
        int pairs,
        Duration time,
        boolean automatic,
        Optional<RouterWatch> router) {

    /// The defaults: error probabilities of 5 % each, at most three pairs or half a minute per conversation,
    /// and promotion by an operator.
    public static final EvidenceSettings DEFAULT =
            new EvidenceSettings(0.05, 0.05, 3, Duration.ofSeconds(30), false, Optional.empty());

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public EvidenceSettings {
        requireChance("retreat_error", retreatError);
        requireChance("promote_error", promoteError);
        if (pairs < 1 || !time.isPositive()) {
            throw InputException.of("evidence", "pairs and time", "positive", pairs + " and " + time);
        }
    }

    private static void requireChance(String name, double chance) {
        if (!(chance > 0 && chance < 1)) {
            throw InputException.of("evidence", name, "between 0 and 1", chance);
        }
    }
}
