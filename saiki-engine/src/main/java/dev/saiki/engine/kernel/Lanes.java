package dev.saiki.engine.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The machine's vector width, and the fixed order in which the lanes of a vector are summed.
///
/// `reduceLanes(ADD)` does not define the order of additions, and interpreted code does use a different order than
/// compiled code. Here the vector is folded in half, `v[i] + v[i + half]`, until four lanes remain, which are
/// added as `(v0 + v2) + (v1 + v3)`. So one machine always gives the same bits; machines with different vector
/// widths add in different orders.
final class Lanes {

    /// The widest vector shape of the processor, from 128 to 512 bits.
    private static final VectorShape SHAPE = shape();

    static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, SHAPE);
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SHAPE);

    /// Floats in a vector: 4, 8 or 16.
    static final int COUNT = FLOATS.length();

    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /// The value of {@link #COUNT}, in a variable that the compiler does not treat as a constant.
    @SuppressWarnings("FieldMayBeFinal")
    private static int strideUnknown = COUNT;

    static final VectorSpecies<Float> QUARTET = FloatVector.SPECIES_128;

    // The lanes to take from two vectors of four lanes; lanes 4 to 7 belong to the second vector.
    private static final VectorShuffle<Float> LOWER = VectorShuffle.fromValues(QUARTET, 0, 1, 4, 5);
    private static final VectorShuffle<Float> UPPER = VectorShuffle.fromValues(QUARTET, 2, 3, 6, 7);
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromValues(QUARTET, 0, 2, 4, 6);
    private static final VectorShuffle<Float> ODD = VectorShuffle.fromValues(QUARTET, 1, 3, 5, 7);

    private Lanes() {}

    private static VectorShape shape() {
        int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        return VectorShape.forBitSize(Math.clamp(bits, 128, 512));
    }

    /// Returns the vector length as a value that the compiler cannot treat as a constant.
    ///
    /// If the stride is constant, the compiler unrolls the loop and hoists its bounds checks. With offsets of type
    /// `long` this costs some twenty instructions for each load before the loop begins. The compiler also reorders
    /// the loads, which disturbs the prefetch. With an unknown stride each load is checked, which costs less.
    ///
    /// @return {@link #COUNT}
    static int stride() {
        return strideUnknown;
    }

    /// Adds up the lanes of a vector in an array.
    ///
    /// @param lanes array that contains the vector
    /// @param from index of the vector's first lane
    /// @return the sum, in the fixed order
    static float sum(float[] lanes, int from) {
        FloatVector four = fold(lanes, from);
        return (four.lane(0) + four.lane(2)) + (four.lane(1) + four.lane(3));
    }

    /// Adds up the lanes of four vectors, each in the fixed order.
    ///
    /// @param lanes four vectors one after another
    /// @param from index of the first lane
    /// @param sums receives the four sums
    /// @param to index of the first sum
    static void sumFour(float[] lanes, int from, float[] sums, int to) {
        FloatVector first = fold(lanes, from);
        FloatVector second = fold(lanes, from + COUNT);
        FloatVector third = fold(lanes, from + 2 * COUNT);
        FloatVector fourth = fold(lanes, from + 3 * COUNT);
        FloatVector left = first.rearrange(LOWER, second).add(first.rearrange(UPPER, second));
        FloatVector right = third.rearrange(LOWER, fourth).add(third.rearrange(UPPER, fourth));
        left.rearrange(EVEN, right).add(left.rearrange(ODD, right)).intoArray(sums, to);
    }

    private static FloatVector fold(float[] lanes, int from) {
        FloatVector first = FloatVector.fromArray(QUARTET, lanes, from);
        if (COUNT == 4) {
            return first;
        }
        FloatVector second = FloatVector.fromArray(QUARTET, lanes, from + 4);
        if (COUNT == 8) {
            return first.add(second);
        }
        FloatVector third = FloatVector.fromArray(QUARTET, lanes, from + 8);
        FloatVector fourth = FloatVector.fromArray(QUARTET, lanes, from + 12);
        return first.add(third).add(second.add(fourth));
    }
}
