package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import java.util.OptionalDouble;

/// The bounds c of numbers x that are replaced by c · tanh(x / c) (Gemma Team, arXiv:2408.00118).
///
/// @param scores the bound of the scaled products of queries and keys; empty for none
/// @param logits the bound of the logits; empty for none
public record SoftCaps(OptionalDouble scores, OptionalDouble logits) {

    /// No bounds.
    public static final SoftCaps NONE = new SoftCaps(OptionalDouble.empty(), OptionalDouble.empty());

    /// Checks the bounds.
    public SoftCaps {
        scores.ifPresent(cap -> ValueChecks.positive("attn_logit_softcapping", cap));
        logits.ifPresent(cap -> ValueChecks.positive("final_logit_softcapping", cap));
    }
}
