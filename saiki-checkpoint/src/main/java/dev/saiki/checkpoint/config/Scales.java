package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.Problems;
import java.util.OptionalDouble;

/// The constant factors in a model's arithmetic.
///
/// @param embedding factor of the states with which tokens enter
/// @param attention factor of the products of queries and keys; empty for 1 / √K with heads of width K
/// @param residual factor of what attention and feed-forward network add to the states
/// @param logits divisor of the logits
/// @param caps the bounds of scores and logits
public record Scales(double embedding, OptionalDouble attention, double residual, double logits, SoftCaps caps) {

    /// Llama's factors.
    public static final Scales NONE = new Scales(1, OptionalDouble.empty(), 1, 1, SoftCaps.NONE);

    /// Checks the factors.
    public Scales {
        Problems.requireAll(
                () -> ValueChecks.positive("embedding_multiplier", embedding),
                () -> attention.ifPresent(factor -> ValueChecks.positive("the factor of attention", factor)),
                () -> ValueChecks.positive("residual_multiplier", residual),
                () -> ValueChecks.positive("logits_scaling", logits));
    }

    /// Copies the factors with another attention factor.
    ///
    /// @param factor factor of the products of queries and keys; empty for the usual one
    /// @return the copy
    public Scales withAttention(OptionalDouble factor) {
        return new Scales(embedding, factor, residual, logits, caps);
    }

    /// Copies the factors with another divisor of the logits.
    ///
    /// @param divisor the divisor
    /// @return the copy
    public Scales withLogits(double divisor) {
        return new Scales(embedding, attention, residual, divisor, caps);
    }

    /// Copies the factors with bounds.
    ///
    /// @param other the bounds of scores and logits
    /// @return the copy
    public Scales withCaps(SoftCaps other) {
        return new Scales(embedding, attention, residual, logits, other);
    }
}
