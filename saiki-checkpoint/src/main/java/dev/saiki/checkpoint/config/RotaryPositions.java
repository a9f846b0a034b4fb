package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import java.util.OptionalDouble;

/// The settings of a decoder's rotary positions, besides the base of the frequencies.
///
/// @param scaling the scaling of the frequencies
/// @param windowTheta base of the frequencies in layers with a window; empty if it is that of other layers
/// @param rotatedShare share of a head's elements that are rotated, those at its beginning; the number of elements is
///     rounded down
public record RotaryPositions(RopeScaling scaling, OptionalDouble windowTheta, double rotatedShare) {

    /// Unscaled positions with the same base in all layers, which rotate whole heads.
    public static final RotaryPositions PLAIN = new RotaryPositions(new RopeScaling.None(), OptionalDouble.empty(), 1);

    /// The positions of a Ministral 3 whose configuration names none.
    private static final RotaryPositions OF_MINISTRAL = PLAIN.withScaling(
            new RopeScaling.Yarn(16, 16_384, RopeScaling.Yarn.BETA_FAST, 1, true, OptionalDouble.of(1), 0.1));

    /// The positions of a family's simplest model.
    static RotaryPositions of(ModelFamily family) {
        return family == ModelFamily.MINISTRAL3 ? OF_MINISTRAL : PLAIN;
    }

    /// Checks the share.
    public RotaryPositions {
        if (!(rotatedShare > 0 && rotatedShare <= 1)) {
            throw ValueChecks.wrong("partial_rotary_factor", "above 0 and at most 1", rotatedShare);
        }
    }

    RotaryPositions withScaling(RopeScaling other) {
        return new RotaryPositions(other, windowTheta, rotatedShare);
    }

    RotaryPositions withWindowTheta(OptionalDouble theta) {
        return new RotaryPositions(scaling, theta, rotatedShare);
    }

    RotaryPositions withRotatedShare(double share) {
        return new RotaryPositions(scaling, windowTheta, share);
    }

    /// Returns the number of elements of a head that are rotated.
    ///
    /// @param headDim width of a head
    /// @return the number, even
    public int rotatedOf(int headDim) {
        return (int) (headDim * rotatedShare);
    }

    /// The angle by which each pair of a head rotates from one position to the next.
    double[] frequencies(Rotation rotation, int headDim, double theta) {
        return rotation == Rotation.OF_WINDOWS
                ? new RopeScaling.None().frequencies(rotatedOf(headDim), windowTheta.orElse(theta))
                : scaling.frequencies(rotatedOf(headDim), theta);
    }

    /// Requires a scaling that the family has. Queries grow in Ministral 3 only, whose scaling is always YaRN's.
    void requireFitting(ModelFamily family) {
        boolean isYarn = scaling instanceof RopeScaling.Yarn;
        if (family == ModelFamily.MINISTRAL3 && !isYarn) {
            throw ValueChecks.wrong("rope_parameters.rope_type", "yarn with model_type ministral3", scaling.key());
        }
        if (family != ModelFamily.MINISTRAL3 && scaling.queryFactor(Integer.MAX_VALUE) != 1) {
            throw ValueChecks.wrong(
                    "rope_parameters.llama_4_scaling_beta",
                    "absent or 0 with model_type " + family.key(),
                    "another number");
        }
    }

    /// Requires that whole pairs of elements are rotated, and a scaling for that number of pairs and for the base.
    void requireFitting(int headDim, double theta) {
        int rotated = rotatedOf(headDim);
        if (rotated < 2 || rotated % 2 != 0) {
            throw ValueChecks.wrong(
                    "partial_rotary_factor",
                    "a number that, times head_dim (" + headDim + ") and rounded down, is an even number of elements",
                    rotatedShare);
        }
        if (scaling instanceof RopeScaling.Yarn && theta <= 1) {
            throw ValueChecks.wrong("rope_theta", "greater than 1 with yarn", theta);
        }
        if (scaling instanceof RopeScaling.LongRope longRope) {
            longRope.requirePairs(rotated / 2);
        }
    }
}
