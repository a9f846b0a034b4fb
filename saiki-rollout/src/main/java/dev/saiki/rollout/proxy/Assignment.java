package dev.saiki.rollout.proxy;

import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Side;

/// The side that answers a request, and whether the request is also sent to the other side.
///
/// @param position the position of the rollout at the time of the assignment
/// @param side the side that answers
/// @param isOfRollout whether the request is for the model of the rollout
/// @param compared whether the request is also sent to the other side
/// @param conversation key of the request's conversation; empty if the request has none
/// @param subject the originator
record Assignment(
        Position position, Side side, boolean isOfRollout, boolean compared, String conversation, Subject subject) {

    /// Whether the baseline answers if the candidate fails.
    boolean mayFallBack() {
        return side == Side.CANDIDATE && position.stage().gathersEvidence();
    }
}
