package dev.saiki.rollout.journal;

import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.RequestKind;
import java.time.Instant;
import java.util.Map;

/// A pair with the results of all gates.
///
/// @param run in which its request came
/// @param conversation that it belongs to
/// @param subject who asked
/// @param kind of its request
/// @param at when
/// @param pair both outcomes
/// @param differences the candidate's loss less the baseline's, by gate; what is missing is not there
public record FinishedPair(
        long run,
        String conversation,
        Subject subject,
        RequestKind kind,
        Instant at,
        Pair pair,
        Map<String, Double> differences) {

    /// Keeps the differences.
    public FinishedPair {
        differences = Map.copyOf(differences);
    }
}
