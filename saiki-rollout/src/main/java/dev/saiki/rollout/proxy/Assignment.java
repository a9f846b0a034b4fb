package dev.saiki.rollout.proxy;

import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Side;
import java.util.List;
import java.util.Optional;

/// The side that answers a request, and whether the request is also sent to the other side.
///
/// @param position the position of the rollout at the time of the assignment
/// @param side the side that answers
/// @param cause why the side answers
/// @param conversation key of the request's conversation; empty if the request has none
/// @param isFirstTurn whether the request begins a conversation
/// @param comparison what is recorded if the request is also sent to the other side; empty if it is not
/// @param subject the originator
record Assignment(
        Position position,
        Side side,
        Cause cause,
        String conversation,
        boolean isFirstTurn,
        Optional<Comparison> comparison,
        Subject subject) {

    /// Why a side answers a request.
    enum Cause {
        /// The request is not for generated text of the rollout's model.
        PASSED,
        /// The rollout's state and the request's conversation decide.
        MOVED,
        /// Only this side stores what the request continues.
        CONTINUED,
        /// An operator's request names the side. It is no evidence.
        FORCED
    }

    /// What is recorded of a request that both sides answer.
    ///
    /// @param key key of the observation: that of the conversation, or one derived from it for a later turn
    /// @param isFirst whether it is the first compared request of its conversation
    /// @param traits the traits of the request, by which slices of traffic are found
    record Comparison(String key, boolean isFirst, List<String> traits) {

        Comparison {
            traits = List.copyOf(traits);
        }
    }

    /// Whether the request is also sent to the other side.
    boolean compared() {
        return comparison.isPresent();
    }

    /// The key under which the pair is stored; empty if there is none.
    String pairKey() {
        return comparison.map(Comparison::key).orElse("");
    }

    /// The same assignment, without a comparison.
    Assignment uncompared() {
        return new Assignment(position, side, cause, conversation, isFirstTurn, Optional.empty(), subject);
    }

    /// Whether the request belongs to the traffic that the rollout moves and judges.
    boolean isOfRollout() {
        return cause == Cause.MOVED || cause == Cause.CONTINUED;
    }

    /// Whether the baseline answers if the candidate fails.
    boolean mayFallBack() {
        return side == Side.CANDIDATE
                && cause == Cause.MOVED
                && position.stage().gathersEvidence();
    }
}
