package dev.saiki.checkpoint.config;

/// The rule that decides which unrolled layers share weights.
///
/// Every unrolled layer l of L, with N recursion steps and B layers in the shared block, uses the unique layer that
/// {@link LayerMap} gives for it.
public enum ParameterSharing implements JsonEnum {

    /// The whole block again and again: 0 1 2, 0 1 2.
    CYCLE("cycle"),

    /// Each layer several times before the next: 0 0, 1 1, 2 2.
    SEQUENCE("sequence"),

    /// Layers of their own at both ends of a cycle: 0, 1 2 3, 1 2 3, 4.
    MIDDLE_CYCLE("middle_cycle"),

    /// Layers of their own at both ends of a sequence: 0, 1 1, 2 2, 3 3, 4.
    MIDDLE_SEQUENCE("middle_sequence");

    private final String key;

    ParameterSharing(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }

    /// Tells whether first and last layers stand outside the recursion, with weights of their own.
    ///
    /// @return true for the middle kinds
    public boolean hasUnsharedEnds() {
        return this == MIDDLE_CYCLE || this == MIDDLE_SEQUENCE;
    }

    /// Counts the layers outside the recursion at each end where a configuration does not state them.
    ///
    /// @return 1 for the middle kinds, 0 for the others
    public int usualUnsharedLayers() {
        return hasUnsharedEnds() ? 1 : 0;
    }

    /// Tells whether the block runs as a whole before it is repeated; only then can tokens leave between steps.
    ///
    /// @return true for the cycle kinds
    public boolean isCycle() {
        return this == CYCLE || this == MIDDLE_CYCLE;
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key it was found at, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice is spelled so
    public static ParameterSharing fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
