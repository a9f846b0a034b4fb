package dev.saiki.engine.sampling;

import dev.saiki.io.InputException;

/// The settings of sampling from a distribution.
///
/// The filters are applied in the order of the components, each to the renormalised result of the one before:
/// temperature, then `topK`, then `topP`, then `minP`.
///
/// @param temperature number by which logits are divided, at least 0; 0 selects the likeliest token and makes the
///     filters irrelevant
/// @param topK number of likeliest tokens to keep; 0 keeps all
/// @param topP probability mass to keep, in (0, 1]: the likeliest tokens are kept until their probabilities add up
///     to this mass; 1 keeps all
/// @param minP minimum probability of a kept token, relative to the likeliest token's, in [0, 1]; 0 keeps all
public record SamplingSettings(double temperature, int topK, double topP, double minP) {

    /// The settings that always select the likeliest token; ties go to the lower id.
    public static final SamplingSettings GREEDY = new SamplingSettings(0, 0, 1, 0);

    /// The settings that draw from the model's own distribution, unchanged.
    public static final SamplingSettings UNCHANGED = new SamplingSettings(1, 0, 1, 0);

    /// Checks every setting.
    ///
    /// @throws InputException naming the setting, the allowed values, and the given value
    public SamplingSettings {
        InputException.require(
                temperature >= 0 && Double.isFinite(temperature),
                "temperature",
                "a finite number of at least 0",
                temperature);
        InputException.require(topK >= 0, "top_k", "at least 0 (0 keeps all tokens)", topK);
        InputException.require(topP > 0 && topP <= 1, "top_p", "in (0, 1]", topP);
        InputException.require(minP >= 0 && minP <= 1, "min_p", "in [0, 1]", minP);
    }

    /// Tells whether these settings always select the likeliest token.
    ///
    /// @return true at temperature 0
    public boolean isGreedy() {
        return temperature == 0;
    }

    /// Starts from settings that draw from the model's own distribution.
    ///
    /// @return a builder
    public static Builder builder() {
        return new Builder();
    }

    /// A builder of settings, which checks them when it builds them.
    public static final class Builder {

        private double temperature = 1;
        private int topK;
        private double topP = 1;
        private double minP;

        private Builder() {}

        /// Sets the temperature.
        ///
        /// @param temperature at least 0; 0 selects the likeliest token
        /// @return this builder
        public Builder temperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /// Sets the number of tokens to keep.
        ///
        /// @param topK number of likeliest tokens to keep; 0 keeps all
        /// @return this builder
        public Builder topK(int topK) {
            this.topK = topK;
            return this;
        }

        /// Sets the probability mass to keep.
        ///
        /// @param topP probability mass to keep, in (0, 1]
        /// @return this builder
        public Builder topP(double topP) {
            this.topP = topP;
            return this;
        }

        /// Sets the minimum relative probability of the tokens to keep.
        ///
        /// @param minP minimum probability relative to the likeliest token's, in [0, 1]
        /// @return this builder
        public Builder minP(double minP) {
            this.minP = minP;
            return this;
        }

        /// Checks and builds the settings.
        ///
        /// @return the settings
        /// @throws InputException naming the setting, the allowed values, and the given value
        public SamplingSettings build() {
            return new SamplingSettings(temperature, topK, topP, minP);
        }
    }
}
