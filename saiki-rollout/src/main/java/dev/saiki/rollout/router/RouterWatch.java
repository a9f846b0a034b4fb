package dev.saiki.rollout.router;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The alarm rules for the candidate's router.
///
/// @param every how often it is asked
/// @param driftLimit half the sum of the differences between the shares of depths and those to be
///     expected, above which it alarms
/// @param tokens fewest that depths are judged by
public record RouterWatch(Duration every, double driftLimit, long tokens) {

    /// Each ten seconds, a drift of 0.25, a thousand tokens.
    public static final RouterWatch DEFAULT = new RouterWatch(Duration.ofSeconds(10), 0.25, 1000);

    /// Checks the numbers.
    ///
    /// @throws InputException naming what is wrong, what is allowed, and what was got
    public RouterWatch {
        if (!every.isPositive() || tokens < 1) {
            throw InputException.of("the watch of a router", "every and tokens", "positive", every + " and " + tokens);
        }
        if (!(driftLimit > 0 && driftLimit <= 1)) {
            throw InputException.of("the watch of a router", "drift", "above 0, at most 1", driftLimit);
        }
    }
}
