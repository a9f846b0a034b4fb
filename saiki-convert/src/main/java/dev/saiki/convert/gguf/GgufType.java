package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The number format of a tensor in a GGUF file. Quantized formats store blocks of numbers that share scales.
public enum GgufType {
    /// IEEE 754 single.
    F32(0, 1, 4),
    /// IEEE 754 half.
    F16(1, 1, 2),
    /// 4 bits per number; 32 numbers share a float16 scale.
    Q4_0(2, 32, 18),
    /// 4 bits per number; 32 numbers share a float16 scale and minimum.
    Q4_1(3, 32, 20),
    /// 5 bits per number; 32 numbers share a float16 scale.
    Q5_0(6, 32, 22),
    /// 5 bits per number; 32 numbers share a float16 scale and minimum.
    Q5_1(7, 32, 24),
    /// 8 bits per number; 32 numbers share a float16 scale.
    Q8_0(8, 32, 34),
    /// 4 bits per number; 256 numbers share eight 6-bit scales and minima.
    Q4_K(12, 256, 144),
    /// 5 bits per number; 256 numbers share eight 6-bit scales and minima.
    Q5_K(13, 256, 176),
    /// 6 bits per number; 256 numbers share sixteen 8-bit scales.
    Q6_K(14, 256, 210),
    /// The upper half of a float32.
    BF16(30, 1, 2);

    /// The names of unsupported formats by code, for messages; supported formats have a dot instead.
    private static final String OTHERS = ". . . . Q4_2 Q4_3 . . . Q8_1 Q2_K Q3_K . . . Q8_K IQ2_XXS IQ2_XS IQ3_XXS"
            + " IQ1_S IQ4_NL IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M . Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 TQ1_0 TQ2_0"
            + " IQ4_NL_4_4 IQ4_NL_4_8 IQ4_NL_8_8 MXFP4";

    private final int code;
    private final int blockSize;
    private final int blockBytes;

    GgufType(int code, int blockSize, int blockBytes) {
        this.code = code;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    int code() {
        return code;
    }

    /// Returns the number of numbers in a block.
    ///
    /// @return 1 if the format has no blocks
    public int blockSize() {
        return blockSize;
    }

    int blockBytes() {
        return blockBytes;
    }

    /// The checkpoint format with the same bits; empty if the numbers are in blocks.
    Optional<StoredType> stored() {
        return blockSize == 1 ? Optional.of(StoredType.valueOf(name())) : Optional.empty();
    }

    static Optional<GgufType> ofCode(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    static String describe(int code) {
        List<String> names = List.of(OTHERS.split(" "));
        boolean named = code >= 0 && code < names.size() && !names.get(code).equals(".");
        return named ? names.get(code) : "type " + code;
    }
}
