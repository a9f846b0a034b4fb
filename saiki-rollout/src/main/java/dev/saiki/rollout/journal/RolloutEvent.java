package dev.saiki.rollout.journal;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// An event that is stored later, so that requests need not wait for the database.
public sealed interface RolloutEvent {

    /// Returns the length of the event's texts.
    ///
    /// @return the number of characters
    default long size() {
        return 0;
    }

    /// An event of one request.
    sealed interface OfRequest extends RolloutEvent {}

    /// A request that will be compared was assigned to a side.
    ///
    /// @param run the run of the request
    /// @param conversation the key of the observation
    /// @param isFirst whether it is the first compared request of its conversation
    /// @param user keyed hash of the request's `user`; empty if the request has none
    /// @param owing the side that is asked for the other answer
    /// @param traits the traits of the request, such as `stream=true`
    /// @param at time of the request
    record Assigned(
            long run, String conversation, boolean isFirst, String user, Side owing, List<String> traits, Instant at)
            implements OfRequest {

        /// Copies the traits.
        public Assigned {
            traits = List.copyOf(traits);
        }
    }

    /// A request that a side should answer has ended for its client.
    ///
    /// @param run the run of the request
    /// @param conversation the key of the observation; empty if the request is not compared
    /// @param isFirstTurn whether the request begins a conversation
    /// @param side the side
    /// @param isLeft whether the client left before its answer ended
    record Ended(long run, String conversation, boolean isFirstTurn, Side side, boolean isLeft) implements OfRequest {}

    /// A request that was to be compared will not be, for a reason that lies with neither side.
    record Withdrawn(long run, String conversation) implements OfRequest {}

    /// Both sides have finished a request.
    record Compared(FinishedPair pair) implements OfRequest {
        @Override
        public long size() {
            return pair.pair().size();
        }
    }

    /// The candidate has finished a request after the baseline has retired.
    ///
    /// @param run the run of the request
    /// @param conversation the key of the observation
    /// @param observed the candidate's values, by gate
    record Watched(long run, String conversation, Map<String, Sides> observed) implements OfRequest {

        /// Copies the values.
        public Watched {
            observed = Map.copyOf(observed);
        }
    }

    /// An answer was delivered to a client.
    record Delivered(String id, String conversation, Side side, Instant at) implements OfRequest {}

    /// A user gave feedback on an answer.
    record Judged(String conversation, Side side, double loss) implements OfRequest {}

    /// A reading of the candidate's router was taken.
    record RouterRead(RouterReading reading, Set<RouterAlarm> alarms) implements RolloutEvent {}

    /// A side told the hash of the checkpoint that it serves.
    record CheckpointSeen(Side side, String hash) implements RolloutEvent {}

    /// Another system answered whether the level of a gate holds, in a run.
    ///
    /// @param at time of the answer, later than that of the gate's earlier answers
    record LevelRead(long run, String gate, LevelReading reading, Instant at) implements RolloutEvent {}

    /// An operator returned all traffic to the baseline. The order is applied as soon as it can be stored.
    record Aborted(String who, String reason) implements RolloutEvent {}
}
