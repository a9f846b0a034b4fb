package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.Duration;

/// The retention of pairs. Pairs of the current run are kept, since the run's decision rests on them; pairs of
/// earlier runs are kept for a limited time, for audits. The total is limited too: the oldest pairs are removed
/// first, except those of open conversations.
///
/// @param time for how long pairs are kept after the last pair of a run
/// @param most the largest number of pairs kept in total
public record PairRetention(Duration time, int most) {

    /// The default: ninety days, and a million pairs.
    public static final PairRetention DEFAULT = new PairRetention(Duration.ofDays(90), 1_000_000);

    /// The smallest allowed `most`: the number of pairs that `GET /rollout/measured` uses.
    private static final int MIN_PAIRS = 1000;

    /// Validates the numbers.
    ///
    /// @throws InputException naming the allowed and the actual value
    public PairRetention {
        InputException.require(time.isPositive(), "access", "keep_pairs", "a time above 0, such as 90d", time);
        InputException.requireAtLeast("access: most_pairs", most, MIN_PAIRS);
    }
}
