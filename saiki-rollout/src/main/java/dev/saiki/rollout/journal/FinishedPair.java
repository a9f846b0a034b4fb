package dev.saiki.rollout.journal;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.RequestKind;
import java.time.Instant;
import java.util.Map;

/// A pair with the results of all gates.
///
/// @param run the run of the pair's request
/// @param conversation the key of the pair's conversation
/// @param subject the originator
/// @param kind the kind of the pair's request
/// @param at time at which the comparison finished
/// @param pair the outcomes of both sides
/// @param observed the values of both sides, by gate; missing values have no entry
public record FinishedPair(
        long run,
        String conversation,
        Subject subject,
        RequestKind kind,
        Instant at,
        Pair pair,
        Map<String, Sides> observed) {

    /// Copies the values.
    public FinishedPair {
        observed = Map.copyOf(observed);
    }
}
