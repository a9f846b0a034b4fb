package dev.saiki.checkpoint.config;

/// The rule for the keys and values that a recursion step attends to.
public enum KeyValueSharing implements JsonEnum {

    /// The keys and values of the tokens at the same step: recursion-wise caching.
    NONE("none"),

    /// The keys and values of the first step, for all steps.
    RECURSIVE("recursive"),

    /// The keys and values of the first step, replaced by new ones where a token is selected.
    HYBRID("hybrid"),

    /// The keys and values of all tokens at the same step: for a token that exited earlier, the step's projections
    /// of its last state (state propagation, as in CALM).
    COMPLETION("completion");

    private final String key;

    KeyValueSharing(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }

    /// Tells whether it differs from the others only where tokens exit at different steps.
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
    /// @param where the JSON key of the value, for the error message
    /// @return the choice
    /// @throws dev.saiki.io.InputException if no choice has this spelling
    public static KeyValueSharing fromKey(String key, String where) {
        return JsonEnum.find(values(), key, where);
    }
}
