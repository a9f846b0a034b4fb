package dev.saiki.checkpoint.config;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The places of a layer's norms, and the norms' tensors.
public enum NormPlacement {

    /// On the inputs of attention and feed-forward network, as in Llama.
    BEFORE,

    /// On the outputs of attention and feed-forward network, before the residual stream, as in OLMo 2.
    AFTER,

    /// On inputs and outputs, as in Gemma 3.
    AROUND,

    /// On inputs and outputs, under the names of GLM 4.
    SANDWICH,

    /// On the input that attention and feed-forward network share, as in Cohere 2.
    PARALLEL;

    private static final String AFTER_ATTENTION = "post_attention_layernorm.weight";
    private static final String AFTER_FEED_FORWARD = "post_feedforward_layernorm.weight";

    /// Returns the norms' tensors in checkpoint order.
    ///
    /// @return the name of each norm's tensor, without the layer's prefix
    public SequencedMap<NormPlace, String> tensors() {
        SequencedMap<NormPlace, String> tensors = new LinkedHashMap<>();
        if (this != AFTER) {
            tensors.put(NormPlace.ATTENTION_INPUT, "input_layernorm.weight");
        }
        if (this == AFTER || this == AROUND) {
            tensors.put(NormPlace.ATTENTION_OUTPUT, AFTER_ATTENTION);
        }
        switch (this) {
            case BEFORE -> tensors.put(NormPlace.FEED_FORWARD_INPUT, AFTER_ATTENTION);
            case AFTER -> tensors.put(NormPlace.FEED_FORWARD_OUTPUT, AFTER_FEED_FORWARD);
            case AROUND -> {
                tensors.put(NormPlace.FEED_FORWARD_INPUT, "pre_feedforward_layernorm.weight");
                tensors.put(NormPlace.FEED_FORWARD_OUTPUT, AFTER_FEED_FORWARD);
            }
            case SANDWICH -> {
                tensors.put(NormPlace.ATTENTION_OUTPUT, "post_self_attn_layernorm.weight");
                tensors.put(NormPlace.FEED_FORWARD_INPUT, AFTER_ATTENTION);
                tensors.put(NormPlace.FEED_FORWARD_OUTPUT, "post_mlp_layernorm.weight");
            }
            case PARALLEL -> {}
        }
        return tensors;
    }
}
