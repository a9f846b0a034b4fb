package dev.saiki.checkpoint.config;

/// The activation between a router's logit and the gate.
public enum RouterFunction implements JsonEnum {

    /// The logit itself, without alpha.
    NONE,

    /// The logistic function.
    SIGMOID,

    /// The hyperbolic tangent.
    TANH,

    /// A distribution over the recursion steps; token-choice only.
    SOFTMAX
}
