package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The retention of pairs. Pairs of the current run stay, since its decision rests on them; those of earlier runs
/// stay for a time, for audits. The total is bounded: the oldest go first, except those of open conversations.
///
/// @param time how long pairs stay after the last one of their run
/// @param most how many stay in all
public record PairRetention(Duration time, int most) {

    /// Ninety days, and a million.
    public static final PairRetention DEFAULT = new PairRetention(Duration.ofDays(90), 1_000_000);

    /// As many as `GET /rollout/measured` reckons with.
    private static final int FEWEST = 1000;

    /// Checks the numbers.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public PairRetention {
        if (!time.isPositive()) {
            throw InputException.of("access", "keep_pairs", "a time above 0, such as 90d", time);
        }
        if (most < FEWEST) {
            throw InputException.of("access", "most_pairs", "at least " + FEWEST, most);
        }
    }
}
