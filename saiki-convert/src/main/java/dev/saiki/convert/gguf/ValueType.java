package dev.saiki.convert.gguf;

import java.util.Arrays;
import java.util.Optional;

/// The type of a value in a GGUF file's metadata.
enum ValueType {
    /// Unsigned, 8 bits.
    U8(0, 1),
    /// Signed, 8 bits.
    I8(1, 1),
    /// Unsigned, 16 bits.
    U16(2, 2),
    /// Signed, 16 bits.
    I16(3, 2),
    /// Unsigned, 32 bits.
    U32(4, 4),
    /// Signed, 32 bits.
    I32(5, 4),
    /// IEEE 754 single.
    F32(6, 4),
    /// One byte, 0 or 1.
    BOOL(7, 1),
    /// A 64-bit length and UTF-8.
    STRING(8, 8),
    /// An array: a type, a 64-bit count, and the values.
    ARRAY(9, 12),
    /// Unsigned, 64 bits.
    U64(10, 8),
    /// Signed, 64 bits.
    I64(11, 8),
    /// IEEE 754 double.
    F64(12, 8);

    private final int code;
    private final int minBytes;

    ValueType(int code, int minBytes) {
        this.code = code;
        this.minBytes = minBytes;
    }

    /// The type's code in a file.
    int code() {
        return code;
    }

    static Optional<ValueType> ofCode(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    /// The minimum number of bytes of a value.
    int minBytes() {
        return minBytes;
    }
}
