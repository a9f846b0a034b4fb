package dev.saiki.rollout.journal;

import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.time.Instant;
import java.util.Set;

/// An event that is stored later, so that requests need not wait for the database.
public sealed interface RolloutEvent {

    /// A request that will be compared was assigned to a side.
    record Assigned(long run, String conversation, Instant at) implements RolloutEvent {}

    /// Both sides have finished a request.
    record Compared(FinishedPair pair) implements RolloutEvent {}

    /// An answer was delivered to a client.
    record Delivered(String id, String conversation, Side side, Instant at) implements RolloutEvent {}

    /// A user gave feedback on an answer.
    record Judged(String conversation, Side side, double loss) implements RolloutEvent {}

    /// A reading of the candidate's router was taken.
    record RouterRead(RouterReading reading, Set<RouterAlarm> alarms) implements RolloutEvent {}

    /// An operator returned all traffic to the baseline. The order is applied as soon as it can be stored.
    record Aborted(String who, String reason) implements RolloutEvent {}
}
