package dev.saiki.checkpoint.config;

/// The rule for the keys and values that a recursion step attends to.
public enum KeyValueSharing implements JsonEnum {

    /// Each step uses the keys and values of the tokens at that step: recursion-wise caching.
    NONE,

    /// All steps use the keys and values of the first step.
    RECURSIVE,

    /// All steps use the keys and values of the first step, but replace those of the selected tokens with new
    /// ones.
    HYBRID,

    /// Each step uses keys and values of all tokens; those of a token that exited earlier are the step's
    /// projections of the token's last state (state propagation, as in CALM).
    COMPLETION;

    /// Tells whether this rule is for routed models only: if all tokens take the same steps, it equals {@link
    /// #NONE}.
    ///
    /// @return whether the rule requires a router
    public boolean isForRoutedModels() {
        return switch (this) {
            case NONE, RECURSIVE -> false;
            case HYBRID, COMPLETION -> true;
        };
    }
}
