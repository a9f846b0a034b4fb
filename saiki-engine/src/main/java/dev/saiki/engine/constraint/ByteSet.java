package dev.saiki.engine.constraint;

/// A set of bytes.
///
/// @param bits0 bytes 0 to 63, one bit each
/// @param bits1 bytes 64 to 127
/// @param bits2 bytes 128 to 191
/// @param bits3 bytes 192 to 255
record ByteSet(long bits0, long bits1, long bits2, long bits3) {

    /// The bytes in an inclusive range, as numbers from 0 to 255.
    static ByteSet range(int from, int to) {
        long[] bits = new long[4];
        for (int value = from; value <= to; value++) {
            bits[value >> 6] |= 1L << value;
        }
        return new ByteSet(bits[0], bits[1], bits[2], bits[3]);
    }

    static ByteSet of(int value) {
        return range(value, value);
    }

    /// The union of both sets.
    ByteSet or(ByteSet other) {
        return new ByteSet(bits0 | other.bits0, bits1 | other.bits1, bits2 | other.bits2, bits3 | other.bits3);
    }

    /// The set without one byte.
    ByteSet without(int value) {
        ByteSet one = of(value);
        return new ByteSet(bits0 & ~one.bits0, bits1 & ~one.bits1, bits2 & ~one.bits2, bits3 & ~one.bits3);
    }

    /// @param value the value, from 0 to 255
    boolean contains(int value) {
        long bits = switch (value >> 6) {
            case 0 -> bits0;
            case 1 -> bits1;
            case 2 -> bits2;
            default -> bits3;
        };
        return (bits >>> value & 1) != 0;
    }
}
