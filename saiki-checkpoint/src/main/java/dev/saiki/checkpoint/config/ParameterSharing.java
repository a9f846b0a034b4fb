package dev.saiki.checkpoint.config;

/// The rule that decides which unrolled layers share weights.
///
/// Every unrolled layer uses the unique layer that {@link LayerMap} returns for it.
public enum ParameterSharing implements JsonEnum {

    /// The whole block is repeated: 0 1 2, 0 1 2.
    CYCLE,

    /// Each layer is repeated before the next: 0 0, 1 1, 2 2.
    SEQUENCE,

    /// A cycle with unshared layers at both ends: 0, 1 2 3, 1 2 3, 4.
    MIDDLE_CYCLE,

    /// A sequence with unshared layers at both ends: 0, 1 1, 2 2, 3 3, 4.
    MIDDLE_SEQUENCE;

    /// Tells whether the first and last layers are outside the recursion and have weights of their own.
    ///
    /// @return true for the middle kinds
    public boolean hasUnsharedEnds() {
        return this == MIDDLE_CYCLE || this == MIDDLE_SEQUENCE;
    }

    /// Returns the default number of layers outside the recursion at each end.
    ///
    /// @return 1 for the middle kinds, 0 for the others
    public int usualUnsharedLayers() {
        return hasUnsharedEnds() ? 1 : 0;
    }

    /// Tells whether the whole block runs before it is repeated; only then can tokens exit between steps.
    ///
    /// @return true for the cycle kinds
    public boolean isCycle() {
        return this == CYCLE || this == MIDDLE_CYCLE;
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key of the value, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice has this spelling
    public static ParameterSharing fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
