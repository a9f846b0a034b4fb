package dev.saiki.checkpoint.config;

/// The placement of a layer's two norms.
public enum NormPlacement {

    /// On what attention and feed-forward are given, as in Llama.
    BEFORE,

    /// On what they return, before it is added to the residual stream, as in OLMo 2.
    AFTER
}
