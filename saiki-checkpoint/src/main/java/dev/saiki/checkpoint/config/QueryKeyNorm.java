package dev.saiki.checkpoint.config;

/// The norm of queries and keys before rotation.
public enum QueryKeyNorm {

    /// No norm, as in Llama.
    NONE,

    /// Each head separately, with one weight per element of a head, as in Qwen 3.
    EACH_HEAD,

    /// All heads together, with one weight per element of the projection, as in OLMo 2.
    WHOLE_PROJECTION
}
