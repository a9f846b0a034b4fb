package dev.saiki.checkpoint.config;

/// A place in a layer at which a norm can be.
public enum NormPlace {

    /// On the input of attention.
    ATTENTION_INPUT,

    /// On the output of attention, before it is added to the residual stream.
    ATTENTION_OUTPUT,

    /// On the input of the feed-forward network.
    FEED_FORWARD_INPUT,

    /// On the output of the feed-forward network, before it is added to the residual stream.
    FEED_FORWARD_OUTPUT
}
