package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The rule by which pairs leave the database. Pairs of the run that is under way stay, since its decision rests on
/// them, and those of a run that is over stay for a time, so that its decision can be audited; how many stay in all is
/// bounded, and the oldest go first, but for those of conversations that are open.
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
