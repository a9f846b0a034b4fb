package dev.saiki.checkpoint.safetensors;

import java.util.Arrays;
import java.util.Optional;

/// The number format of a stored tensor, named as in the safetensors format.
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
    BOOL(1);

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    /// Returns the size of one number.
    ///
    /// @return bytes
    public int bytes() {
        return bytes;
    }

    /// Tells whether tensors of this format can be read as float32; the conversion is exact.
    ///
    /// @return true for F32, F16 and BF16
    public boolean widensToFloat() {
        return this == F32 || this == F16 || this == BF16;
    }

    static Optional<StoredType> find(String name) {
        return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
