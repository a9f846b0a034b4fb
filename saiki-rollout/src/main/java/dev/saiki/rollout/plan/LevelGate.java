package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.LevelCheck;
import java.time.Duration;

/// A gate by a level that another system knows, such as a monitored quantile. It asks at intervals, and counts no
/// conversations.
///
/// @param name the name of the gate
/// @param check asks for the level
/// @param every the interval between questions
/// @param failures the number of failures in a row on which the gateway retreats; missing answers are skipped
/// @param retreats whether the gateway retreats at all
/// @param promotes whether a promotion requires that the newest answer passes
public record LevelGate(String name, LevelCheck check, Duration every, int failures, boolean retreats, boolean promotes)
        implements PlannedGate {

    /// Validates the numbers.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public LevelGate {
        InputException.require(every.isPositive(), "gate " + name, "every", "positive", every);
        InputException.require(failures >= 1, "gate " + name, "failures", "at least 1, or retreats: false", failures);
    }

    /// Returns the age from which on an answer says nothing about now.
    ///
    /// @return the time for two questions
    public Duration longestValid() {
        return every.plus(check.service().timeout()).multipliedBy(2);
    }
}
