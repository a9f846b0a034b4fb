package dev.saiki.engine.sampling;

import dev.saiki.io.InputException;

/// The penalties of tokens that have been used: how much less likely they become.
///
/// @param repetition divides positive logits of tokens of the prompt or the answer and multiplies negative
///     ones; 1 does nothing (Keskar et al., "CTRL", arXiv:1909.05858, section 4.1)
/// @param presence is taken from the logits of tokens that the answer has, once; in [-2, 2], 0 does nothing
/// @param frequency is taken from the logits of tokens that the answer has, for each time; in [-2, 2], 0 does
///     nothing
public record Penalties(double repetition, double presence, double frequency) {

    /// Nothing becomes less likely.
    public static final Penalties NONE = new Penalties(1, 0, 0);

    /// Checks every setting.
    ///
    /// @throws InputException naming the setting, what is allowed, and what was got
    public Penalties {
        if (!(repetition > 0 && repetition <= 10)) {
            throw new InputException("repetition_penalty must be in (0, 10], got " + repetition);
        }
        requireBetween("presence_penalty", presence);
        requireBetween("frequency_penalty", frequency);
    }

    private static void requireBetween(String setting, double value) {
        if (!(value >= -2 && value <= 2)) {
            throw new InputException(setting + " must be in [-2, 2], got " + value);
        }
    }

    boolean none() {
        return equals(NONE);
    }
}
