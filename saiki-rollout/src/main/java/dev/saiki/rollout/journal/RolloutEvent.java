package dev.saiki.rollout.journal;

import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.time.Instant;
import java.util.Set;

/// An event that is written later, off the request's path.
public sealed interface RolloutEvent {

    /// A conversation began to be compared.
    record Assigned(long run, String conversation, Instant at) implements RolloutEvent {}

    /// The end of both sides.
    record Compared(FinishedPair pair) implements RolloutEvent {}

    /// A client got an answer.
    record Given(String id, String conversation, Side side, Instant at) implements RolloutEvent {}

    /// A user judged an answer.
    record Judged(String conversation, Side side, double loss) implements RolloutEvent {}

    /// The candidate's router was looked at.
    record Looked(RouterReading reading, Set<RouterAlarm> alarms) implements RolloutEvent {}

    /// Somebody gave all traffic back to the baseline. It is done as soon as it can be written down.
    record Aborted(String who, String reason) implements RolloutEvent {}
}
