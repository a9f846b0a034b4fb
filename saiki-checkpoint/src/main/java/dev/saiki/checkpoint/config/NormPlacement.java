package dev.saiki.checkpoint.config;

/// The place of a layer's two norms.
public enum NormPlacement {

    /// On the input of attention and feed-forward network, as in Llama.
    BEFORE,

    /// On the output of attention and feed-forward network, before the residual stream, as in OLMo 2.
    AFTER
}
