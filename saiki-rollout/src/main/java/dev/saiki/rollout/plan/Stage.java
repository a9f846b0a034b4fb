package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// A stage of the plan: a state and its share of traffic.
///
/// @param state who answers
/// @param share of the conversations: in a shadow those that are asked of the candidate too, later those that the
///     candidate answers
/// @param compare share of the conversations answered by the candidate that are asked of the baseline too
/// @param duration the shortest time until it may end well
/// @param conversations the fewest that must have been compared until it may end well
public record Stage(RolloutState state, double share, double compare, Duration duration, int conversations) {

    /// Checks the numbers.
    ///
    /// @throws InputException naming what is wrong, what is allowed, and what was got
    public Stage {
        if (state == RolloutState.ABORTED) {
            throw InputException.of("a stage", "state", "shadow, canary, certified, full or retired", "aborted");
        }
        requireShare("share", share);
        requireShare("compare", compare);
        if ((state == RolloutState.FULL || state == RolloutState.RETIRED) && share != 1) {
            throw InputException.of("a stage", "share", "1 or left out in full and retired", share);
        }
        if (duration.isNegative() || conversations < 0) {
            throw InputException.of(
                    "a stage", "duration and conversations", "at least 0", duration + " and " + conversations);
        }
    }

    private static void requireShare(String name, double share) {
        if (!(share > 0 && share <= 1)) {
            throw InputException.of("a stage", name, "above 0, at most 1", share);
        }
    }

    /// Tells whether pairs are gathered, and so evidence.
    ///
    /// @return false once the baseline is needed no more
    public boolean gathersEvidence() {
        return state != RolloutState.RETIRED;
    }
}
