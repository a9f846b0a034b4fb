package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The rules by which the baseline answers in the candidate's place.
///
/// @param failures number of failures in a row after which the candidate is ejected
/// @param ejection time of the first ejection
/// @param share the largest share of requests in which the baseline may take the candidate's place, in addition to
///     those that it answers for the comparison anyway
public record FallbackRules(int failures, Duration ejection, double share) {

    /// The defaults: five seconds after five failures, and no limit on the share. A limit would fail clients whom the
    /// baseline can serve: its capacity must last for a retreat, which returns all requests to it.
    public static final FallbackRules DEFAULT = new FallbackRules(5, Duration.ofSeconds(5), 1);

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public FallbackRules {
        InputException.requireAtLeast("fallback: failures", failures, 1);
        InputException.require(ejection.isPositive(), "fallback", "ejection", "positive", ejection);
        InputException.require(share >= 0 && share <= 1, "fallback", "share", "from 0 to 1", share);
    }
}
