package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The number format of a tensor in a GGUF file. Quantized ones keep blocks of numbers that share scales.
public enum GgufType {
    /// IEEE 754 single.
    F32(0, 1, 4),
    /// IEEE 754 half.
    F16(1, 1, 2),
    /// Four bits a number, a half as scale for 32 numbers.
    Q4_0(2, 32, 18),
    /// Four bits a number; 32 numbers with a half as scale and one as minimum.
    Q4_1(3, 32, 20),
    /// Five bits a number, a half as scale for 32 numbers.
    Q5_0(6, 32, 22),
    /// Five bits a number; 32 numbers with a half as scale and one as minimum.
    Q5_1(7, 32, 24),
    /// Eight bits a number, a half as scale for 32 numbers.
    Q8_0(8, 32, 34),
    /// Four bits a number; 256 numbers with eight scales and minima of six bits.
    Q4_K(12, 256, 144),
    /// Five bits a number; 256 numbers with eight scales and minima of six bits.
    Q5_K(13, 256, 176),
    /// Six bits a number; 256 numbers with sixteen scales of eight bits.
    Q6_K(14, 256, 210),
    /// The upper half of a single.
    BF16(30, 1, 2);

    /// The names of the formats that are not read, by code, for messages; a dot for those that are.
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

    /// Returns how many numbers a block holds.
    ///
    /// @return 1 if each number stands alone
    public int blockSize() {
        return blockSize;
    }

    int blockBytes() {
        return blockBytes;
    }

    /// The format of the same bits in a checkpoint, if numbers stand alone.
    Optional<StoredType> stored() {
        return switch (this) {
            case F32 -> Optional.of(StoredType.F32);
            case F16 -> Optional.of(StoredType.F16);
            case BF16 -> Optional.of(StoredType.BF16);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> Optional.empty();
        };
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
