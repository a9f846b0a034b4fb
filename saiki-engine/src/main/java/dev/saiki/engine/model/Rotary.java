package dev.saiki.engine.model;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.checkpoint.config.Rotation;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Rotary position embeddings in the rotate-half form: the pair (i, i + K/2) of a head of width K is rotated by
/// position · theta^(-2i/K) (Su et al., "RoFormer", arXiv:2104.09864, section 3.4), or as modified by the model's
/// {@link RopeScaling}; if heads are rotated in part, K is the number of rotated elements. In some families the pairs
/// are (2i, 2i + 1). A token keeps its true position even if its neighbours have exited.
///
/// The angles of a stretch of positions are computed when one of them is first used, so that the unused part of a
/// long context costs nothing. If two threads compute the same stretch, they get the same result.
final class Rotary {

    /// The base-2 logarithm of the number of positions in a stretch.
    private static final int STRETCH_BITS = 6;

    private static final int STRETCH = 1 << STRETCH_BITS;

    private final double[] frequencies;
    private final double magnitude;
    private final int half;
    private final boolean pairsNeighbours;
    private final AtomicReferenceArray<float[]> stretches;

    private Rotary(ModelConfig config, Rotation rotation) {
        this.frequencies = config.rotaryFrequencies(rotation);
        this.magnitude = config.rotaryMagnitude(rotation);
        this.half = frequencies.length;
        this.pairsNeighbours = config.architecture().family().pairsNeighbours();
        this.stretches = new AtomicReferenceArray<>(Math.ceilDiv(config.maxPositionEmbeddings(), STRETCH));
    }

    /// Creates the rotations that a model's layers use.
    static Map<Rotation, Rotary> of(ModelConfig config) {
        Map<Rotation, Rotary> rotations = new EnumMap<>(Rotation.class);
        rotations.put(Rotation.USUAL, new Rotary(config, Rotation.USUAL));
        if (config.architecture().family().rotatesWindowsApart()) {
            rotations.put(Rotation.OF_WINDOWS, new Rotary(config, Rotation.OF_WINDOWS));
        }
        return rotations;
    }

    /// Rotates one head in place.
    ///
    /// @param numbers array that contains the head
    /// @param from index at which the head starts
    /// @param position position of the head's token
    void rotate(float[] numbers, int from, int position) {
        float[] angles = anglesOf(position >> STRETCH_BITS);
        int cosine = (position & (STRETCH - 1)) * 2 * half;
        int sine = cosine + half;
        if (pairsNeighbours) {
            rotateNeighbours(numbers, from, angles, cosine);
            return;
        }
        for (int i = 0; i < half; i++) {
            float first = numbers[from + i];
            float second = numbers[from + half + i];
            numbers[from + i] = first * angles[cosine + i] - second * angles[sine + i];
            numbers[from + half + i] = second * angles[cosine + i] + first * angles[sine + i];
        }
    }

    private void rotateNeighbours(float[] numbers, int from, float[] angles, int cosine) {
        for (int i = 0; i < half; i++) {
            float first = numbers[from + 2 * i];
            float second = numbers[from + 2 * i + 1];
            numbers[from + 2 * i] = first * angles[cosine + i] - second * angles[cosine + half + i];
            numbers[from + 2 * i + 1] = second * angles[cosine + i] + first * angles[cosine + half + i];
        }
    }

    private float[] anglesOf(int stretch) {
        float[] known = stretches.getAcquire(stretch);
        if (known != null) {
            return known;
        }
        float[] angles = new float[STRETCH * 2 * half];
        for (int offset = 0; offset < STRETCH; offset++) {
            long position = (long) stretch * STRETCH + offset;
            int cosine = offset * 2 * half;
            for (int i = 0; i < half; i++) {
                angles[cosine + i] = (float) (magnitude * Math.cos(position * frequencies[i]));
                angles[cosine + half + i] = (float) (magnitude * Math.sin(position * frequencies[i]));
            }
        }
        stretches.setRelease(stretch, angles);
        return angles;
    }
}
