package dev.saiki.engine.model;

import org.jspecify.annotations.Nullable;

/// The weights of a norm of states.
///
/// @param weight `[hidden]`
/// @param bias `[hidden]`; null if the norm has none
@SuppressWarnings("ArrayRecordComponent") // Holds weights; never compared.
record EngineNorm(float[] weight, float @Nullable [] bias) {

    /// Adds the bias to normalised rows, if there is one.
    ///
    /// @param rows `[n, hidden]`
    /// @param first index of the first row
    /// @param count number of rows
    void addBias(float[] rows, int first, int count) {
        for (int row = first; bias != null && row < first + count; row++) {
            for (int i = 0; i < bias.length; i++) {
                rows[row * bias.length + i] += bias[i];
            }
        }
    }

    /// Returns the weights divided by a number.
    EngineNorm dividedBy(float divisor) {
        return new EngineNorm(divided(weight, divisor), bias == null ? null : divided(bias, divisor));
    }

    private static float[] divided(float[] numbers, float divisor) {
        float[] quotients = new float[numbers.length];
        for (int i = 0; i < quotients.length; i++) {
            quotients[i] = numbers[i] / divisor;
        }
        return quotients;
    }

    /// Returns how many bytes of weights one forward pass reads.
    long bytes() {
        return (long) Float.BYTES * (weight.length + (bias == null ? 0 : bias.length));
    }
}
