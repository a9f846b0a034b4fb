package dev.saiki.engine.kernel;

import dev.saiki.checkpoint.safetensors.StoredType;

/// The formats of weights that the kernels multiply by; those with few bits are {@link StoredType}'s.
enum Packing {
    FLOAT32(32),
    BFLOAT16(16),
    /// bfloat16 in the layout of {@link AmxMatrix}.
    BFLOAT16_TILES(16 + 256),
    Q8_0(8),
    Q4_0(4),
    Q5_0(5),
    Q6_0(6),
    Q4_K(4 + Packing.HAS_MINIMA),
    Q5_K(5 + Packing.HAS_MINIMA),
    Q6_K(6 + Packing.HAS_HALF_BLOCKS);

    private static final int HAS_MINIMA = 64;
    private static final int HAS_HALF_BLOCKS = 128;

    private final int code;

    Packing(int code) {
        this.code = code;
    }

    /// Returns the number by which `kernels.c` knows the format.
    int code() {
        return code;
    }

    /// Returns the size of a weight without scales.
    int bits() {
        return code & (HAS_MINIMA - 1);
    }

    /// Tells whether groups have minima.
    boolean hasMinima() {
        return (code & HAS_MINIMA) != 0;
    }

    /// Returns the number of scales for each 32 inputs of an output.
    int scalesOfBlock() {
        return (code & HAS_HALF_BLOCKS) == 0 ? 1 : 2;
    }

    /// Returns the number of outputs in a band.
    int outputsOfBand() {
        return bits() < Short.SIZE || this == BFLOAT16_TILES ? NarrowMatrix.BAND : TiledMatrix.BAND;
    }

    /// Tells whether the kernels multiply by a stored format directly.
    ///
    /// @param type the format
    static boolean holds(StoredType type) {
        return switch (type) {
            case Q8_0, Q4_0, Q5_0, Q6_0, Q4_K, Q5_K, Q6_K -> true;
            default -> false;
        };
    }
}
