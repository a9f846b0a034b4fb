package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.config.Activation;

/// The operations on rows between the products with matrices, in C where {@link NativeKernels} are found, and in Java
/// otherwise. With vectors of the same width both compute the same bits.
///
/// The order of all additions depends only on the length of a row.
public sealed interface RowKernels permits JavaRowKernels, NativeRowKernels {

    /// The operations that this machine uses.
    RowKernels ROWS = NativeKernels.find().<RowKernels>map(NativeKernels::rows).orElseGet(JavaRowKernels::new);

    /// The factor of g in the polynomial of GELU, 2 · √(2 / π).
    float GELU_LINEAR = 1.5957692f;

    /// The factor of g³ in the polynomial of GELU, 0.044715 times the other.
    float GELU_CUBIC = 0.071354814f;

    /// Computes the dot product of two stretches of arrays.
    ///
    /// @param a array that contains the first stretch
    /// @param aFrom index of the first stretch's first number
    /// @param b array that contains the second stretch
    /// @param bFrom index of the second stretch's first number
    /// @param count length of both stretches
    /// @return the sum of the products
    float dot(float[] a, int aFrom, float[] b, int bFrom, int count);

    /// Normalises rows by their root mean square: y = x / √(mean(x²) + ε) · weight. The squares are summed as in
    /// {@link #dot}; mean and root are computed in double precision.
    ///
    /// @param input `[n, width]`
    /// @param first index of the first row to normalise
    /// @param count number of rows
    /// @param width length of a row
    /// @param weight `[width]`
    /// @param eps the small number ε, which is added to the mean
    /// @param output `[n, width]`; receives the normalised rows, at the same indices; may be the input
    void normalise(float[] input, int first, int count, int width, float[] weight, double eps, float[] output);

    /// Computes the gated activation of the feed-forward layer: f(gate) · up, with f(g) = g / (1 + e^-p(g)). The
    /// polynomial p(g) is g for SiLU, and {@link #GELU_LINEAR} · g + {@link #GELU_CUBIC} · g³ for GELU.
    ///
    /// @param activation the function f
    /// @param gateAndUp `[n, 2 · inner]`, with the gate first in each row
    /// @param output `[n, inner]`; receives the processed rows, at the same indices
    /// @param first index of the first row to process
    /// @param count number of rows
    /// @param inner length of an output row
    void activate(Activation activation, float[] gateAndUp, float[] output, int first, int count, int inner);

    /// Adds the weighted sum of rows to a stretch of an array, one fused multiply-add after the other.
    ///
    /// @param weights `[n]`
    /// @param rows `[n, width]`
    /// @param width length of a row
    /// @param sums array that contains the stretch
    /// @param to index of the stretch's first number
    void addWeighted(float[] weights, float[] rows, int width, float[] sums, int to);

    /// Returns the largest logit.
    ///
    /// @param logits `[V]`
    /// @return the largest logit; NaN if one is NaN, minus infinity if `logits` is empty
    float largest(float[] logits);

    /// Adds up e^(logit - highest). The error of each term is less than 1.5 units in the last place of float32.
    ///
    /// @param logits `[V]`; each minus infinity adds less than 2 · 10^-38
    /// @param highest the largest logit
    /// @return the sum, at least 1
    double exponentialSum(float[] logits, float highest);
}
