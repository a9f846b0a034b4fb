package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.router.RouterWatch;
import java.time.Duration;
import java.util.Optional;

/// The rules that turn evidence into decisions.
///
/// @param retreatError α: the largest chance, over all gates and stages, to retreat from a candidate that is not worse
///     than is tolerated
/// @param promoteError β: the largest chance, for each stage, to let a candidate pass that is worse
/// @param pairs after how many a conversation is closed
/// @param time after which a conversation is closed, however many pairs it has
/// @param automatic whether the next stage begins by itself once it may
/// @param router how the candidate's router is watched; empty if it is not
public record EvidenceSettings(
        double retreatError,
        double promoteError,
        int pairs,
        Duration time,
        boolean automatic,
        Optional<RouterWatch> router) {

    /// A chance of 5 % each, three pairs, half a minute, and a person who promotes.
    public static final EvidenceSettings DEFAULT = new EvidenceSettings(0.05, 0.05, 3, Duration.ofSeconds(30), false);

    /// Watches no router.
    ///
    /// @param retreatError α
    /// @param promoteError β
    /// @param pairs after how many a conversation is closed
    /// @param time after which a conversation is closed
    /// @param automatic whether the next stage begins by itself
    public EvidenceSettings(double retreatError, double promoteError, int pairs, Duration time, boolean automatic) {
        this(retreatError, promoteError, pairs, time, automatic, Optional.empty());
    }

    /// Checks the numbers.
    ///
    /// @throws InputException naming what is wrong, what is allowed, and what was got
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
