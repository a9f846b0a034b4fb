package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.Outcome;
import java.time.Duration;

/// A check for slow answers: an answer that takes longer than the limit has loss 1.
///
/// @param limit the longest acceptable time
/// @param whole whether the time to the last byte counts, rather than the time to the first byte
public record LatencyCheck(Duration limit, boolean whole) implements LossCheck {

    /// Validates the limit.
    ///
    /// @throws InputException if the limit is not positive
    public LatencyCheck {
        InputException.require(limit.isPositive(), "limit", "positive", limit);
    }

    @Override
    public double loss(Outcome.Answered answer) {
        Duration time = whole ? answer.total() : answer.firstByte();
        return time.compareTo(limit) > 0 ? 1 : 0;
    }
}
