package dev.saiki.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/// The number format of a tensor's elements.
public enum DType {
    /// IEEE single precision, 4 bytes.
    FLOAT32(ScalarType.Float, 4),
    /// IEEE double precision, 8 bytes.
    FLOAT64(ScalarType.Double, 8),
    /// The upper half of single precision, 2 bytes.
    BFLOAT16(ScalarType.BFloat16, 2),
    /// Signed integer, 1 byte.
    INT8(ScalarType.Char, 1),
    /// Unsigned integer, 1 byte.
    UINT8(ScalarType.Byte, 1),
    /// Signed integer, 4 bytes.
    INT32(ScalarType.Int, 4),
    /// Signed integer, 8 bytes; the type of every index.
    INT64(ScalarType.Long, 8);

    private final ScalarType scalarType;
    private final int bytes;

    DType(ScalarType scalarType, int bytes) {
        this.scalarType = scalarType;
        this.bytes = bytes;
    }

    /// Returns the size of one element.
    ///
    /// @return bytes per element
    public int bytes() {
        return bytes;
    }

    ScalarType scalarType() {
        return scalarType;
    }

    static DType of(ScalarType type) {
        for (DType candidate : values()) {
            if (candidate.scalarType.value == type.value) {
                return candidate;
            }
        }
        throw new TensorException("LibTorch returned a tensor of unsupported type " + type);
    }
}
