package dev.saiki.checkpoint.config;

/// The rule for the keys and values that a recursion step attends to.
public enum KeyValueSharing implements JsonEnum {

    /// Those of the tokens at the same step: recursion-wise caching.
    NONE("none"),

    /// Those of the first step, for all steps.
    RECURSIVE("recursive"),

    /// Those of the first step, replaced by fresh ones where a token is selected.
    HYBRID("hybrid"),

    /// Those of all tokens at the same step: a token that left before has those that the step's projections make of its
    /// last state (state propagation, as in CALM).
    COMPLETION("completion");

    private final String key;

    KeyValueSharing(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }

    /// Tells whether it differs from the others only where tokens leave at unlike steps.
    ///
    /// @return whether a model needs a router for it
    public boolean isForRoutedModels() {
        return switch (this) {
            case NONE, RECURSIVE -> false;
            case HYBRID, COMPLETION -> true;
        };
    }

    /// Finds the choice with a given spelling.
    ///
    /// @param key the spelling in JSON
    /// @param where the JSON key it was found at, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice is spelled so
    public static KeyValueSharing fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
