package dev.saiki.rollout.router;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The alarm rules for the candidate's router.
///
/// @param every interval between readings
/// @param driftLimit largest tolerated drift: half the sum of the absolute differences between the observed and
///     the expected shares of depths
/// @param tokens minimum number of tokens for judging depths
public record RouterWatch(Duration every, double driftLimit, long tokens) {

    /// The defaults: a reading every ten seconds, a drift of 0.25, a thousand tokens.
    public static final RouterWatch DEFAULT = new RouterWatch(Duration.ofSeconds(10), 0.25, 1000);

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public RouterWatch {
        boolean arePositive = every.isPositive() && tokens >= 1;
        InputException.require(
                arePositive, "the router watch", "every and tokens", "positive", every + " and " + tokens);
        InputException.require(
                driftLimit > 0 && driftLimit <= 1, "the router watch", "drift", "above 0, at most 1", driftLimit);
    }
}
