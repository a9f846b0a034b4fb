package dev.saiki.checkpoint.config;

/// The input of a position-only router: sines and cosines of a token's position in its sequence.
///
/// Feature 2i is sin(position · 10000^(−2i / width)), and feature 2i + 1 is the cosine of the same angle (Vaswani
/// et al., arXiv:1706.03762, section 3.5). Features are computed in double precision, so that training and
/// decoding get the same numbers.
public final class PositionFeatures {

    private static final double BASE = 10_000;

    private final double[] frequencies;

    /// Creates the features for a width.
    ///
    /// @param width number of features of a position, at least 1
    public PositionFeatures(int width) {
        this.frequencies = new double[width];
        for (int i = 0; i < width; i++) {
            frequencies[i] = Math.pow(BASE, -(i - i % 2.0) / width);
        }
    }

    /// Returns the features of a position.
    ///
    /// @param position index of the token in its sequence
    /// @return `width` numbers in [−1, 1]
    public float[] of(int position) {
        float[] features = new float[frequencies.length];
        for (int i = 0; i < features.length; i++) {
            double angle = position * frequencies[i];
            features[i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
        }
        return features;
    }
}
