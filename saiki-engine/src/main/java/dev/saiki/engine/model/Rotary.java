package dev.saiki.engine.model;

/// Rotary positions in the rotate-half form: pair (i, i + K/2) turns by position · theta^(-2i/K) (Su et al.,
/// "RoFormer", arXiv:2104.09864, section 3.4). A token keeps its true position when its neighbours have left.
final class Rotary {

    private final int half;
    private final float[] cosines;
    private final float[] sines;

    Rotary(int headDim, int maxPositions, double theta) {
        this.half = headDim / 2;
        this.cosines = new float[maxPositions * half];
        this.sines = new float[maxPositions * half];
        for (int i = 0; i < half; i++) {
            double frequency = Math.pow(theta, -2.0 * i / headDim);
            for (int position = 0; position < maxPositions; position++) {
                cosines[position * half + i] = (float) Math.cos(position * frequency);
                sines[position * half + i] = (float) Math.sin(position * frequency);
            }
        }
    }

    /// Rotates one head in place.
    ///
    /// @param numbers holds it
    /// @param from where it starts
    /// @param position of its token
    void rotate(float[] numbers, int from, int position) {
        int angle = position * half;
        for (int i = 0; i < half; i++) {
            float first = numbers[from + i];
            float second = numbers[from + half + i];
            numbers[from + i] = first * cosines[angle + i] - second * sines[angle + i];
            numbers[from + half + i] = second * cosines[angle + i] + first * sines[angle + i];
        }
    }
}
