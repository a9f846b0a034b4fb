package dev.saiki.engine;

import java.time.Duration;
import java.util.Arrays;

/// The embedding of a text: the mean of the last states of its tokens.
///
/// The states are the inputs of the head, after the final norm. The mean is taken over all tokens in order, so
/// that a text has bit-identical embeddings alone and in a batch.
///
/// @param vector `[hidden]`, of length 1
/// @param depths recursions of each token, from 1
/// @param overruled number of tokens that took the reference depth instead of the router's
/// @param queued waiting time before the first stage
@SuppressWarnings("ArrayRecordComponent") // Holds results; never compared.
public record TextEmbedding(float[] vector, int[] depths, int overruled, Duration queued) {

    /// Truncates the vector to its first dimensions and normalizes the result to length 1.
    ///
    /// The models were not trained to put the most important dimensions first, so truncation loses more than with
    /// models trained for it.
    ///
    /// @param dimensions number of dimensions to keep, from 1 to the model's `hidden_size`
    /// @return the truncated embedding; all zeros if the kept dimensions are all zero
    /// @throws IllegalArgumentException if `dimensions` is less than 1 or more than the vector has
    public TextEmbedding first(int dimensions) {
        if (dimensions < 1 || dimensions > vector.length) {
            throw new IllegalArgumentException("dimensions must be from 1 to " + vector.length + ", got " + dimensions);
        }
        double[] kept = new double[dimensions];
        Arrays.setAll(kept, i -> vector[i]);
        return new TextEmbedding(direction(kept), depths, overruled, queued);
    }

    /// Scales a vector to length 1; a zero vector is returned unchanged.
    static float[] direction(double[] vector) {
        double squares = 0;
        for (double value : vector) {
            squares += value * value;
        }
        double length = squares == 0 ? 1 : Math.sqrt(squares);
        float[] direction = new float[vector.length];
        for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) (vector[i] / length);
        }
        return direction;
    }
}
