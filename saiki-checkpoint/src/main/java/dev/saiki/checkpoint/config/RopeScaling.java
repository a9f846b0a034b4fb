package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.Problems;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// A scaling of rotary positions that extends a model's context.
///
/// Without scaling, pair i of a head of width K rotates by theta^(-2i/K) per position. Each kind of scaling
/// changes these frequencies, in double precision.
public sealed interface RopeScaling {

    /// Returns the angle by which each pair rotates from one position to the next.
    ///
    /// @param headDim K, even
    /// @param theta the base of the frequencies before scaling
    /// @return K / 2 angles in radians
    double[] frequencies(int headDim, double theta);

    /// Returns the factor by which rotated queries and keys are multiplied.
    ///
    /// @return the factor, 1 for most kinds
    default double magnitude() {
        return 1;
    }

    /// Returns the factor by which the queries of a position are multiplied besides.
    ///
    /// @param position the position, from 0
    /// @return the factor, 1 for most kinds; it never falls from one position to the next
    default double queryFactor(int position) {
        return 1;
    }

    /// Returns the name of the kind.
    ///
    /// @return the value of `rope_type`
    default String key() {
        return switch (this) {
            case None _ -> "default";
            case Linear _ -> "linear";
            case Llama3 _ -> "llama3";
            case Yarn _ -> "yarn";
            case LongRope _ -> "longrope";
        };
    }

    private static double[] unscaled(int headDim, double theta) {
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(theta, -2.0 * i / headDim);
        }
        return frequencies;
    }

    private static void requireFactor(double factor) {
        if (!(factor >= 1) || Double.isInfinite(factor)) {
            throw ValueChecks.wrong("rope_scaling.factor", "a finite number of at least 1", factor);
        }
    }

    private static void requireOriginal(int positions) {
        ValueChecks.range("rope_scaling.original_max_position_embeddings", positions, 1, ModelConfig.MAX_VOCABULARY);
    }

    /// No scaling.
    record None() implements RopeScaling {
        @Override
        public double[] frequencies(int headDim, double theta) {
            return unscaled(headDim, theta);
        }
    }

    /// Position interpolation: all frequencies divided by one factor (Chen et al., arXiv:2306.15595).
    ///
    /// @param factor the factor of the scaling, at least 1
    record Linear(double factor) implements RopeScaling {

        /// Checks the factor.
        public Linear {
            requireFactor(factor);
        }

        @Override
        public double[] frequencies(int headDim, double theta) {
            double[] frequencies = unscaled(headDim, theta);
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= factor;
            }
            return frequencies;
        }
    }

    /// The scaling of Llama 3.1: low frequencies are divided by the factor, high frequencies are unchanged,
    /// and those between are interpolated by their number of turns within the original context.
    ///
    /// @param factor the factor of the scaling, at least 1
    /// @param lowFreqFactor number of turns within the original context up to which a frequency is low
    /// @param highFreqFactor number of turns within the original context from which a frequency is high;
    ///     greater than `lowFreqFactor`
    /// @param originalPositions the original context
    record Llama3(double factor, double lowFreqFactor, double highFreqFactor, int originalPositions)
            implements RopeScaling {

        /// Checks all numbers.
        public Llama3 {
            Problems.requireAll(
                    () -> requireFactor(factor),
                    () -> ValueChecks.positive("rope_scaling.low_freq_factor", lowFreqFactor),
                    () -> ValueChecks.positive("rope_scaling.high_freq_factor", highFreqFactor),
                    () -> requireOriginal(originalPositions),
                    () -> {
                        if (highFreqFactor <= lowFreqFactor) {
                            throw ValueChecks.wrong(
                                    "rope_scaling.high_freq_factor",
                                    "greater than low_freq_factor (" + lowFreqFactor + ")",
                                    highFreqFactor);
                        }
                    });
        }

        @Override
        public double[] frequencies(int headDim, double theta) {
            double[] frequencies = unscaled(headDim, theta);
            for (int i = 0; i < frequencies.length; i++) {
                double turns = originalPositions * frequencies[i] / (2 * Math.PI);
                double kept = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
                double share = Math.clamp(kept, 0, 1);
                frequencies[i] = (1 - share) * frequencies[i] / factor + share * frequencies[i];
            }
            return frequencies;
        }
    }

    /// YaRN: low frequencies are divided by the factor, high frequencies are unchanged, and those between are
    /// interpolated by their index; queries and keys are scaled up slightly (Peng et al., arXiv:2309.00071).
    ///
    /// @param factor the factor of the scaling, at least 1
    /// @param originalPositions the original context
    /// @param betaFast number of turns within the original context from which a frequency is unchanged
    /// @param betaSlow number of turns within the original context up to which a frequency is divided; not
    ///     greater than `betaFast`
    /// @param truncate whether the ends of the interpolation are rounded outwards to whole indices
    /// @param attentionFactor the factor of queries and keys; empty for the paper's 0.1 · ln(factor) + 1
    /// @param queryGrowth b in the factor 1 + b · ln(1 + ⌊position / originalPositions⌋) of queries; 0 for none
    record Yarn(
            double factor,
            int originalPositions,
            double betaFast,
            double betaSlow,
            boolean truncate,
            OptionalDouble attentionFactor,
            double queryGrowth)
            implements RopeScaling {

        /// The default of `beta_fast`.
        public static final double BETA_FAST = 32;

        /// The default of `beta_slow`.
        public static final double BETA_SLOW = 1;

        /// The width of an interpolation whose ends coincide.
        private static final double NARROWEST = 0.001;

        /// Checks all numbers.
        public Yarn {
            Problems.requireAll(
                    () -> requireFactor(factor),
                    () -> requireOriginal(originalPositions),
                    () -> ValueChecks.positive("rope_scaling.beta_fast", betaFast),
                    () -> ValueChecks.positive("rope_scaling.beta_slow", betaSlow),
                    () -> {
                        if (betaFast < betaSlow) {
                            throw ValueChecks.wrong(
                                    "rope_scaling.beta_fast", "at least beta_slow (" + betaSlow + ")", betaFast);
                        }
                    },
                    () -> attentionFactor.ifPresent(
                            value -> ValueChecks.positive("rope_scaling.attention_factor", value)),
                    () -> {
                        if (!(queryGrowth >= 0) || Double.isInfinite(queryGrowth)) {
                            throw ValueChecks.wrong(
                                    "rope_parameters.llama_4_scaling_beta",
                                    "a finite number of at least 0",
                                    queryGrowth);
                        }
                    });
        }

        /// Creates the scaling with default values for all other parameters.
        ///
        /// @param factor the factor of the scaling, at least 1
        /// @param originalPositions the original context
        /// @return the scaling
        public static Yarn of(double factor, int originalPositions) {
            return new Yarn(factor, originalPositions, BETA_FAST, BETA_SLOW, true, OptionalDouble.empty(), 0);
        }

        /// The factor of the paper's equation 22 for a scale, with a weight for the logarithm.
        static double magnitude(double scale, double weight) {
            return scale <= 1 ? 1 : 0.1 * weight * Math.log(scale) + 1;
        }

        @Override
        public double magnitude() {
            return attentionFactor.orElseGet(() -> magnitude(factor, 1));
        }

        @Override
        public double[] frequencies(int headDim, double theta) {
            double[] frequencies = unscaled(headDim, theta);
            double first = indexOf(betaFast, headDim, theta);
            double last = indexOf(betaSlow, headDim, theta);
            double low = Math.max(truncate ? Math.floor(first) : first, 0);
            double high = Math.min(truncate ? Math.ceil(last) : last, headDim - 1.0);
            double width = low == high ? NARROWEST : high - low;
            for (int i = 0; i < frequencies.length; i++) {
                double divided = Math.clamp((i - low) / width, 0, 1);
                frequencies[i] = divided * frequencies[i] / factor + (1 - divided) * frequencies[i];
            }
            return frequencies;
        }

        @Override
        public double queryFactor(int position) {
            int contexts = position / originalPositions;
            return 1 + queryGrowth * Math.log(1.0 + contexts);
        }

        /// The fractional index of the pair that makes a given number of turns within the original context.
        private double indexOf(double turns, int headDim, double theta) {
            return headDim * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }
    }

    /// LongRoPE: each frequency is divided by a number of its own, and queries and keys are scaled up slightly (Ding
    /// et al., arXiv:2402.13753). A model has two lists of divisors, one for contexts up to the original one. The
    /// context that the model is configured for selects the list, whatever the length of a text, so that a text's
    /// cached keys stay valid when it grows.
    ///
    /// @param shortDivisors divisors for the original context, at least 1 number, all positive
    /// @param longDivisors divisors for longer contexts, equally many
    /// @param originalPositions the original context, at least 2
    /// @param factor the factor by which the context was extended
    /// @param attentionFactor the factor of queries and keys; empty for √(1 + ln factor / ln originalPositions)
    /// @param isLong whether the divisors for longer contexts are used
    record LongRope(
            List<Double> shortDivisors,
            List<Double> longDivisors,
            int originalPositions,
            double factor,
            OptionalDouble attentionFactor,
            boolean isLong)
            implements RopeScaling {

        /// Copies the lists and checks all numbers.
        public LongRope {
            shortDivisors = List.copyOf(shortDivisors);
            longDivisors = List.copyOf(longDivisors);
            ValueChecks.range(
                    "rope_scaling.original_max_position_embeddings", originalPositions, 2, ModelConfig.MAX_VOCABULARY);
            ValueChecks.positive("rope_scaling.factor", factor);
            attentionFactor.ifPresent(value -> ValueChecks.positive("rope_scaling.attention_factor", value));
            Stream.concat(shortDivisors.stream(), longDivisors.stream())
                    .forEach(divisor -> ValueChecks.positive("a number in short_factor or long_factor", divisor));
        }

        void requirePairs(int pairs) {
            if (shortDivisors.size() != pairs || longDivisors.size() != pairs) {
                throw ValueChecks.wrong(
                        "short_factor and long_factor",
                        "lists of " + pairs + " numbers, one for each rotated pair of a head",
                        shortDivisors.size() + " and " + longDivisors.size() + " numbers");
            }
        }

        @Override
        public double magnitude() {
            return attentionFactor.orElseGet(() -> magnitude(factor, originalPositions));
        }

        /// Returns the factor of queries and keys of a model that names none.
        ///
        /// @param factor the factor by which the context was extended
        /// @param originalPositions the original context
        /// @return √(1 + ln factor / ln originalPositions), or 1 without an extension
        public static double magnitude(double factor, int originalPositions) {
            return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
        }

        @Override
        public double[] frequencies(int headDim, double theta) {
            double[] frequencies = unscaled(headDim, theta);
            List<Double> divisors = isLong ? longDivisors : shortDivisors;
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] /= divisors.get(i);
            }
            return frequencies;
        }
    }
}
