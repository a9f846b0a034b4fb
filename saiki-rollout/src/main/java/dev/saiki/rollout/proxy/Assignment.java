package dev.saiki.rollout.proxy;

import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Side;

/// The side that answers a request, and whether the other side is asked too.
///
/// @param position where the rollout stood
/// @param side that answers
/// @param isOfRollout whether it concerns the model that is moved
/// @param compared whether the other side is asked too
/// @param conversation key of its conversation; empty if it is none
/// @param subject who asks
record Assignment(
        Position position, Side side, boolean isOfRollout, boolean compared, String conversation, Subject subject) {

    /// Whether the baseline answers if the candidate does not.
    boolean mayFallBack() {
        return side == Side.CANDIDATE && position.stage().gathersEvidence();
    }
}
