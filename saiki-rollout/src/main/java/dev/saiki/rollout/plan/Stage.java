package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// A stage of the plan: a state and its share of traffic.
///
/// @param state who answers
/// @param share a share of the conversations: in shadow, the share mirrored to the candidate; in later
///     states, the share that the candidate answers
/// @param compare share of the candidate's conversations that is mirrored to the baseline
/// @param duration the minimum time before promotion
/// @param conversations the minimum number of compared conversations before promotion
public record Stage(RolloutState state, double share, double compare, Duration duration, int conversations) {

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public Stage {
        if (state == RolloutState.ABORTED) {
            throw InputException.of("a stage", "state", "shadow, canary, certified, full or retired", "aborted");
        }
        requireShare("share", share);
        requireShare("compare", compare);
        if ((state == RolloutState.FULL || state == RolloutState.RETIRED) && share != 1) {
            throw InputException.of("a stage", "share", "1, or be omitted, in the states full and retired", share);
        }
        boolean areLimits = !duration.isNegative() && conversations >= 0;
        String got = duration + " and " + conversations;
        InputException.require(areLimits, "a stage", "duration and conversations", "at least 0", got);
    }

    private static void requireShare(String name, double share) {
        InputException.require(share > 0 && share <= 1, "a stage", name, "above 0, at most 1", share);
    }

    /// Tells whether pairs, and so evidence, are gathered.
    ///
    /// @return false once the baseline is retired
    public boolean gathersEvidence() {
        return state != RolloutState.RETIRED;
    }
}
