package dev.saiki.engine;

import dev.saiki.io.InputException;

/// How the next token is drawn from a distribution.
///
/// The filters apply one after another in the order of the components, each to what the one before has left and
/// normalised again: temperature, then `topK`, then `topP`, then `minP`.
///
/// @param temperature divides the logits, at least 0; 0 takes the likeliest token and makes the filters irrelevant
/// @param topK keeps this many of the likeliest tokens; 0 keeps all
/// @param topP keeps the likeliest tokens until their probabilities add up to this, in (0, 1]; 1 keeps all
/// @param minP keeps tokens at least this share as likely as the likeliest, in [0, 1]; 0 keeps all
public record SamplingSettings(double temperature, int topK, double topP, double minP) {

    /// The likeliest token, always; ties go to the lower id.
    public static final SamplingSettings GREEDY = new SamplingSettings(0, 0, 1, 0);

    /// Draws from the model's own distribution, unchanged.
    public static final SamplingSettings UNCHANGED = new SamplingSettings(1, 0, 1, 0);

    /// Checks every setting.
    ///
    /// @throws InputException naming the setting, what is allowed, and what was got
    public SamplingSettings {
        if (!(temperature >= 0) || Double.isInfinite(temperature)) {
            throw wrong("temperature", "a finite number of at least 0", temperature);
        }
        if (topK < 0) {
            throw wrong("top_k", "at least 0 (0 keeps all tokens)", topK);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw wrong("top_p", "in (0, 1]", topP);
        }
        if (!(minP >= 0 && minP <= 1)) {
            throw wrong("min_p", "in [0, 1]", minP);
        }
    }

    /// Makes settings with a temperature and no filter.
    ///
    /// @param temperature divides the logits, at least 0
    /// @return the settings
    public static SamplingSettings of(double temperature) {
        return new SamplingSettings(temperature, 0, 1, 0);
    }

    /// Replaces the number of tokens kept.
    ///
    /// @param tokens how many of the likeliest tokens to keep; 0 keeps all
    /// @return changed settings
    public SamplingSettings withTopK(int tokens) {
        return new SamplingSettings(temperature, tokens, topP, minP);
    }

    /// Replaces the probability mass kept.
    ///
    /// @param mass probability mass to keep, in (0, 1]
    /// @return changed settings
    public SamplingSettings withTopP(double mass) {
        return new SamplingSettings(temperature, topK, mass, minP);
    }

    /// Replaces the least relative probability kept.
    ///
    /// @param share share of the likeliest token's probability, in [0, 1]
    /// @return changed settings
    public SamplingSettings withMinP(double share) {
        return new SamplingSettings(temperature, topK, topP, share);
    }

    /// Tells whether these settings always take the likeliest token.
    ///
    /// @return true at temperature 0
    public boolean isGreedy() {
        return temperature == 0;
    }

    private static InputException wrong(String setting, String allowed, Object got) {
        return new InputException(setting + " must be " + allowed + ", got " + got);
    }
}
