package dev.saiki.checkpoint.config;

/// The recursion steps at which token-choice routing applies the gate.
public enum TokenGate implements JsonEnum {

    /// At every step, with the step's own component of the gate: the paper's equation.
    EVERY,

    /// Only at the last step that a token takes, with the chosen component of the gate: the released code.
    LAST
}
