package dev.saiki.checkpoint.config;

/// The rule for the keys and values that a recursion step attends to.
public enum KeyValueSharing implements JsonEnum {

    /// The keys and values of the tokens at the same step: recursion-wise caching.
    NONE,

    /// The keys and values of the first step, for all steps.
    RECURSIVE,

    /// The keys and values of the first step, replaced by new ones where a token is selected.
    HYBRID,

    /// The keys and values of all tokens at the same step: for a token that exited earlier, the step's projections
    /// of its last state (state propagation, as in CALM).
    COMPLETION;

    /// Tells whether it differs from the others only where tokens exit at different steps.
    ///
    /// @return whether a model needs a router for it
    public boolean isForRoutedModels() {
        return switch (this) {
            case NONE, RECURSIVE -> false;
            case HYBRID, COMPLETION -> true;
        };
    }
}
