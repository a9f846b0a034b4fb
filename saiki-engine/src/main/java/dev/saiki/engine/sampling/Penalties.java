package dev.saiki.engine.sampling;

import dev.saiki.io.InputException;

/// The penalties that make tokens less likely if they have already been used.
///
/// @param repetition number by which positive logits of tokens in the prompt or the answer are divided, and
///     negative ones multiplied; 1 has no effect (Keskar et al., "CTRL", arXiv:1909.05858, section 4.1)
/// @param presence number subtracted once from the logits of tokens in the answer; in [-2, 2], where 0 has no
///     effect
/// @param frequency number subtracted from the logits of tokens in the answer, once per occurrence; in [-2,
///     2], where 0 has no effect
public record Penalties(double repetition, double presence, double frequency) {

    /// The penalties without any effect.
    public static final Penalties NONE = new Penalties(1, 0, 0);

    /// Checks every setting.
    ///
    /// @throws InputException naming the setting, the allowed values, and the given value
    public Penalties {
        InputException.require(repetition > 0 && repetition <= 10, "repetition_penalty", "in (0, 10]", repetition);
        requireBetween("presence_penalty", presence);
        requireBetween("frequency_penalty", frequency);
    }

    private static void requireBetween(String setting, double value) {
        InputException.require(value >= -2 && value <= 2, setting, "in [-2, 2]", value);
    }

    boolean none() {
        return equals(NONE);
    }
}
