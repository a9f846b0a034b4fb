package dev.saiki.checkpoint.safetensors;

import java.util.Arrays;
import java.util.Optional;

/// The number format of a stored tensor, named as in the safetensors format.
///
/// The last nine, which the safetensors format does not have, have blocks: neighbouring numbers of a row share scales.
/// Except for Q6_0 they are GGUF's, laid out as in `ggml-common.h`.
public enum StoredType {
    /// IEEE 754 double.
    F64(8),
    /// IEEE 754 single.
    F32(4),
    /// IEEE 754 half.
    F16(2),
    /// The upper half of a float32 number.
    BF16(2),
    /// Eight bits, four of exponent.
    F8_E4M3(1),
    /// Eight bits, five of exponent.
    F8_E5M2(1),
    /// Signed, 64 bits.
    I64(8),
    /// Signed, 32 bits.
    I32(4),
    /// Signed, 16 bits.
    I16(2),
    /// Signed, 8 bits.
    I8(1),
    /// Unsigned, 64 bits.
    U64(8),
    /// Unsigned, 32 bits.
    U32(4),
    /// Unsigned, 16 bits.
    U16(2),
    /// Unsigned, 8 bits.
    U8(1),
    /// One byte, 0 or 1.
    BOOL(1),
    /// 8 bits per number; 32 numbers share a float16 scale.
    Q8_0(32, 34),
    /// 4 bits per number; 32 numbers share a float16 scale.
    Q4_0(32, 18),
    /// 4 bits per number; 32 numbers share a float16 scale and minimum.
    Q4_1(32, 20),
    /// 5 bits per number; 32 numbers share a float16 scale.
    Q5_0(32, 22),
    /// 5 bits per number; 32 numbers share a float16 scale and minimum.
    Q5_1(32, 24),
    /// 6 bits per number; 32 numbers share a float16 scale. The layout is that of Q5_0, with the sixth bits in four
    /// more bytes after the fifth ones. Unlike GGUF's Q6_K, it does not need rows of multiples of 256.
    Q6_0(32, 26),
    /// 4 bits per number; 256 numbers share eight 6-bit scales and minima.
    Q4_K(256, 144),
    /// 5 bits per number; 256 numbers share eight 6-bit scales and minima.
    Q5_K(256, 176),
    /// 6 bits per number; 256 numbers share sixteen 8-bit scales.
    Q6_K(256, 210);

    private final int blockSize;
    private final int blockBytes;

    StoredType(int bytes) {
        this(1, bytes);
    }

    StoredType(int blockSize, int blockBytes) {
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /// Returns the number of numbers in a block.
    ///
    /// @return 1 if the format has no blocks
    public int blockSize() {
        return blockSize;
    }

    /// Returns the size of a block, or of one number if the format has no blocks.
    ///
    /// @return bytes
    public int blockBytes() {
        return blockBytes;
    }

    /// Tells whether the format has blocks.
    ///
    /// @return whether a block has more than one number
    public boolean hasBlocks() {
        return blockSize > 1;
    }

    /// Tells whether tensors of this format can be read as float32; the conversion is exact.
    ///
    /// @return true for F32, F16, BF16 and the formats with blocks
    public boolean widensToFloat() {
        return this == F32 || this == F16 || this == BF16 || hasBlocks();
    }

    static Optional<StoredType> find(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
