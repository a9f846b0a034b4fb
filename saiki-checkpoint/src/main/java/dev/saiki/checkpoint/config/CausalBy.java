package dev.saiki.checkpoint.config;

/// The choice of the router that makes the causal decision in expert-choice routing.
public enum CausalBy implements JsonEnum {

    /// The router that also computes the gate.
    ROUTER,

    /// A second router, trained to predict the top-k of the first router.
    AUXILIARY_ROUTER
}
