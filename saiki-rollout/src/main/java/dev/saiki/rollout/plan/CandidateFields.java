package dev.saiki.rollout.plan;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The fields set in every request to the candidate, such as its effort.
///
/// @param reference the fields in the shadow and canary states, where the candidate runs at its reference depth
/// @param certified the fields from the certified stage on
public record CandidateFields(Map<String, JsonNode> reference, Map<String, JsonNode> certified) {

    /// Copies both maps.
    public CandidateFields {
        reference = Map.copyOf(reference);
        certified = Map.copyOf(certified);
    }

    /// Returns the fields set in a state.
    ///
    /// @param state the state of the rollout
    /// @return values by field
    public Map<String, JsonNode> in(RolloutState state) {
        return switch (state) {
            case SHADOW, CANARY, ABORTED -> reference;
            case CERTIFIED, FULL, RETIRED -> certified;
        };
    }
}
