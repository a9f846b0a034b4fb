package dev.saiki.rollout.plan;

import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The fields set in every request to the candidate, such as its effort.
///
/// @param reference in the shadow and canary states, where the candidate runs at the depth it was trained with
/// @param certified from the certified stage on
public record CandidateFields(Map<String, JsonNode> reference, Map<String, JsonNode> certified) {

    /// Copies both maps.
    public CandidateFields {
        reference = Map.copyOf(reference);
        certified = Map.copyOf(certified);
    }

    /// Returns the fields set in a state.
    ///
    /// @param state of the rollout
    /// @return values by field
    public Map<String, JsonNode> in(RolloutState state) {
        return switch (state) {
            case SHADOW, CANARY, ABORTED -> reference;
            case CERTIFIED, FULL, RETIRED -> certified;
        };
    }
}
