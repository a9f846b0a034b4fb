package dev.saiki.engine;

import java.time.Duration;

/// The embedding of a text: the mean of the last states of its tokens.
///
/// The states are those that the head reads, after the last norm. The mean is over all tokens, in order, so
/// that the same text gives the same bits alone and among others.
///
/// @param vector `[hidden]`, of length 1
/// @param depths recursions each token took, from 1
/// @param overruled tokens that took the reference depth whatever the router said, since it is not trusted
/// @param queued how long it waited before work on it began
@SuppressWarnings("ArrayRecordComponent") // A carrier of results that nothing compares.
public record TextEmbedding(float[] vector, int[] depths, int overruled, Duration queued) {

    /// Keeps the first numbers, and makes the vector one of length 1 again.
    ///
    /// No model was trained to put what matters first, so this loses more than it does with models that were.
    ///
    /// @param dimensions how many to keep, from 1 to the model's `hidden_size`
    /// @return changed embedding; all zeros where only zeros were kept
    /// @throws IllegalArgumentException if there are not so many
    public TextEmbedding first(int dimensions) {
        if (dimensions < 1 || dimensions > vector.length) {
            throw new IllegalArgumentException("dimensions must be from 1 to " + vector.length + ", got " + dimensions);
        }
        double[] kept = new double[dimensions];
        for (int i = 0; i < dimensions; i++) {
            kept[i] = vector[i];
        }
        return new TextEmbedding(direction(kept), depths, overruled, queued);
    }

    /// The vector of length 1 that points where another does; zeros point nowhere, and stay.
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
