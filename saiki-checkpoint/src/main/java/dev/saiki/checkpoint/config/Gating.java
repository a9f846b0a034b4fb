package dev.saiki.checkpoint.config;

/// The use of the gate: as a factor of the shared block's output, or only for selection.
public enum Gating implements JsonEnum {

    /// The gate multiplies the output, so the router learns from the language-model loss.
    WEIGHTED,

    /// The gate does not multiply the output, so the router only selects.
    ADDITIVE
}
