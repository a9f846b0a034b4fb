package dev.saiki.rollout.course;

import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.router.RouterAlarm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;

/// What is known of a rollout outside its thread: the state as of the last commit.
///
/// @param position the position, which decides who answers
/// @param evidence the evidence of all gates over all conversations, then by slice
/// @param awaited the gates and slices that the next stage waits for, in words
/// @param levels the newest answers about levels of other systems
/// @param mayPromote whether the evidence allows the next stage; false while a router alarm is active
/// @param alarms the active alarms of the candidate's router
/// @param worse what is worse than tolerated after the baseline has retired, in words
/// @param heavyUsers the users who send an implausible share of the conversations: that share by the keyed hash of the
///     user's name
/// @param checkpoints the hash of the checkpoint that a side serves, where it is known
public record CourseView(
        Position position,
        ArrayNode evidence,
        List<String> awaited,
        ArrayNode levels,
        boolean mayPromote,
        Set<RouterAlarm> alarms,
        Optional<String> worse,
        Map<String, Double> heavyUsers,
        Map<Side, String> checkpoints) {

    /// Copies the collections.
    public CourseView {
        awaited = List.copyOf(awaited);
        alarms = Set.copyOf(alarms);
        heavyUsers = Map.copyOf(heavyUsers);
        checkpoints = Map.copyOf(checkpoints);
    }
}
