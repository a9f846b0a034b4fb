package dev.saiki.checkpoint.safetensors;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// A named tensor as bytes: little-endian and row-major, in mapped or heap memory.
///
/// @param name the tensor's name
/// @param type the number format
/// @param shape sizes, outermost first; empty for a scalar
/// @param data exactly as many bytes as type and shape require; not copied; any alignment is possible
public record StoredTensor(String name, StoredType type, List<Long> shape, MemorySegment data) {

    /// The maximum range that the system maps around a byte that is read: Linux maps cached parts of a file in
    /// blocks of up to one large page.
    private static final long MAPPED_AROUND = 2L << 20;

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Checks the number of bytes against type and shape.
    public StoredTensor {
        shape = List.copyOf(shape);
        long expected = byteCount(type, shape);
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(
                    name + ": " + type + " " + shape + " takes " + expected + " bytes, got " + data.byteSize());
        }
    }

    /// Creates a float32 tensor from an array, which is not copied on little-endian machines.
    ///
    /// @param name the tensor's name
    /// @param shape sizes, outermost first
    /// @param values the numbers, row-major
    /// @return the tensor
    public static StoredTensor ofFloats(String name, List<Long> shape, float[] values) {
        return new StoredTensor(name, StoredType.F32, shape, littleEndian(values));
    }

    private static MemorySegment littleEndian(float[] values) {
        if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            return MemorySegment.ofArray(values);
        }
        MemorySegment target = Arena.ofAuto().allocate((long) values.length * Float.BYTES);
        MemorySegment.copy(values, 0, target, FLOAT, 0, values.length);
        return target;
    }

    /// Counts the numbers.
    ///
    /// @return product of the shape; 1 for a scalar
    public long elementCount() {
        return data.byteSize() / type.blockBytes() * type.blockSize();
    }

    /// Reads all numbers as float32, see {@link StoredType#widensToFloat()}.
    ///
    /// @return the numbers, row-major
    /// @throws IllegalStateException if the tensor's format is not readable as float32, or if it has more numbers
    ///     than an array can hold
    public float[] toFloats() {
        float[] values = new float[arrayLength()];
        copyTo(0, values, 0, values.length);
        return values;
    }

    /// Reads some numbers as float32, see {@link StoredType#widensToFloat()}.
    ///
    /// @param from index of the first number
    /// @param target the array that receives the numbers
    /// @param at index of the first number in the target
    /// @param count the number of numbers to read
    /// @throws IllegalStateException if the tensor's format is not readable as float32
    /// @throws IndexOutOfBoundsException if the range exceeds the tensor or the target
    public void copyTo(long from, float[] target, int at, int count) {
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, from * Float.BYTES, target, at, count);
            case BF16 -> {
                short[] bits = shorts(from, count);
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.intBitsToFloat(bits[i] << 16);
                }
            }
            case F16 -> {
                short[] bits = shorts(from, count);
                for (int i = 0; i < count; i++) {
                    target[at + i] = Float.float16ToFloat(bits[i]);
                }
            }
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q6_0, Q4_K, Q5_K, Q6_K ->
                new BlockDecoder(type).copyTo(data, from, target, at, count);
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
                throw new IllegalStateException(name + ": " + type + " cannot be read as float32");
        }
    }

    /// Copies two-byte numbers in bulk, because a loop is slow until the JIT compiles it.
    private short[] shorts(long from, int count) {
        short[] bits = new short[count];
        MemorySegment.copy(data, SHORT, from * Short.BYTES, bits, 0, count);
        return bits;
    }

    /// Unloads the pages of all numbers, see {@link #unload(long, long)}.
    public void unload() {
        unload(0, elementCount());
    }

    /// Unloads the pages of a mapped file that contain some of the numbers, and pages that were mapped along
    /// with them, so that these pages take no memory of this process; later reads load them from the file
    /// again. Memory that is not mapped from a file is unchanged.
    ///
    /// @param from index of the first number
    /// @param count the number of numbers to unload
    public void unload(long from, long count) {
        if (count > 0 && data.isMapped()) {
            long begin = Math.max(0, from / type.blockSize() * type.blockBytes() - MAPPED_AROUND);
            long last = Math.ceilDiv(from + count, type.blockSize()) * type.blockBytes();
            long end = Math.min(data.byteSize(), last + MAPPED_AROUND);
            data.asSlice(begin, end - begin).unload();
        }
    }

    /// Reads all numbers of an I64 tensor.
    ///
    /// @return the numbers, row-major
    /// @throws IllegalStateException if the format is not I64
    public long[] toLongs() {
        if (type != StoredType.I64) {
            throw new IllegalStateException(name + ": expected I64, got " + type);
        }
        long[] values = new long[arrayLength()];
        MemorySegment.copy(data, LONG, 0, values, 0, values.length);
        return values;
    }

    private int arrayLength() {
        long count = elementCount();
        if (count > Integer.MAX_VALUE - 8) {
            throw new IllegalStateException(name + ": " + count + " numbers are more than an array can hold");
        }
        return (int) count;
    }

    /// Computes the number of bytes of a tensor.
    ///
    /// @param type the number format of the tensor
    /// @param shape the sizes of the tensor
    /// @return bytes
    /// @throws ArithmeticException if the product exceeds the range of a long
    /// @throws IllegalArgumentException if a size is negative, or if rows do not consist of the format's
    ///     blocks
    public static long byteCount(StoredType type, List<Long> shape) {
        long rowLength = shape.isEmpty() ? 1 : shape.getLast();
        if (rowLength % type.blockSize() != 0) {
            throw new IllegalArgumentException("the last size must be a multiple of " + type.blockSize() + " for "
                    + type + ", got shape " + shape);
        }
        long bytes = type.blockBytes();
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("negative size in shape " + shape);
            }
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes / type.blockSize();
    }
}
