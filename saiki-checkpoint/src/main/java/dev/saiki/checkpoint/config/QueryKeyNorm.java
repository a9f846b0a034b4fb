package dev.saiki.checkpoint.config;

/// The norm of queries and keys before rotation.
public enum QueryKeyNorm {

    /// No norm, as in Llama.
    NONE,

    /// Each head by itself, one weight for every number of a head, as in Qwen 3.
    EACH_HEAD,

    /// All heads together, one weight for every number of the projection, as in OLMo 2.
    WHOLE_PROJECTION
}
