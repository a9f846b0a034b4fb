package dev.saiki.checkpoint.config;

/// The recursion steps at which token-choice routing applies the gate.
public enum TokenGate implements JsonEnum {

    /// Every step, with that step's component: the paper's equation.
    EVERY,

    /// Only the last step, with the chosen component: the released code.
    LAST
}
