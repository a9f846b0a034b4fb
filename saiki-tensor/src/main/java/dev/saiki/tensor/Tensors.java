package dev.saiki.tensor;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Factories of tensors.
public final class Tensors {

    static {
        TorchRuntime.ensureLoaded();
    }

    private Tensors() {}

    /// Makes a tensor of zeros.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor zeros(DType type, long... shape) {
        try (TensorOptions options = new TensorOptions(type.scalarType())) {
            return Tensor.of(torch.zeros(shape, options));
        }
    }

    /// Makes a tensor whose elements are not set yet.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor empty(DType type, long... shape) {
        try (TensorOptions options = new TensorOptions(type.scalarType());
                org.bytedeco.pytorch.MemoryFormatOptional format = new org.bytedeco.pytorch.MemoryFormatOptional()) {
            return Tensor.of(torch.empty(shape, options, format));
        }
    }

    /// Makes a FLOAT32 tensor of the given elements, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(float[] values, long... shape) {
        Tensor tensor = empty(DType.FLOAT32, shape);
        requireCount(tensor, values.length);
        if (values.length > 0) {
            try (FloatPointer data = new FloatPointer(tensor.handle().data_ptr())) {
                data.put(values);
            }
        }
        return tensor;
    }

    /// Makes an INT64 tensor of the given elements, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(long[] values, long... shape) {
        Tensor tensor = empty(DType.INT64, shape);
        requireCount(tensor, values.length);
        if (values.length > 0) {
            try (LongPointer data = new LongPointer(tensor.handle().data_ptr())) {
                data.put(values);
            }
        }
        return tensor;
    }

    /// Makes a scalar FLOAT32 tensor.
    ///
    /// @param value the element
    /// @return the tensor, of no dimensions
    public static Tensor scalar(double value) {
        return of(new float[] {(float) value}).reshape();
    }

    /// Joins tensors along one dimension.
    ///
    /// @param parts tensors that agree in all other dimensions
    /// @param dimension the dimension
    /// @return the joined tensor
    public static Tensor concatenate(List<Tensor> parts, int dimension) {
        org.bytedeco.pytorch.Tensor[] handles =
                parts.stream().map(Tensor::handle).toArray(org.bytedeco.pytorch.Tensor[]::new);
        try (TensorVector vector = new TensorVector(handles)) {
            return Tensor.of(torch.cat(vector, dimension));
        }
    }

    /// Makes a tensor from little-endian bytes laid out row by row, which are copied.
    ///
    /// @param data exactly the bytes of all elements
    /// @param type the number format of the bytes
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(MemorySegment data, DType type, long... shape) {
        requireLittleEndian();
        Tensor tensor = empty(type, shape);
        long bytes = tensor.count() * type.bytes();
        if (bytes != data.byteSize()) {
            throw new TensorException("a tensor of " + bytes + " bytes cannot be made from " + data.byteSize());
        }
        segmentOf(tensor).copyFrom(data);
        return tensor;
    }

    /// Shows the memory of a contiguous tensor on the CPU without copying; valid while the tensor lives.
    ///
    /// @param tensor a contiguous tensor
    /// @return its bytes, little-endian, row by row
    @SuppressWarnings("restricted") // The address and the length both come from LibTorch.
    public static MemorySegment segmentOf(Tensor tensor) {
        requireLittleEndian();
        if (!tensor.handle().is_contiguous()) {
            throw new TensorException("the memory of a tensor that is not contiguous cannot be shown");
        }
        long bytes = tensor.count() * tensor.dtype().bytes();
        if (bytes == 0) {
            return MemorySegment.NULL;
        }
        return MemorySegment.ofAddress(addressOf(tensor)).reinterpret(bytes);
    }

    private static long addressOf(Tensor tensor) {
        try (Pointer data = new BytePointer(tensor.handle().data_ptr())) {
            return data.address();
        }
    }

    private static void requireCount(Tensor tensor, int values) {
        if (tensor.count() != values) {
            tensor.close();
            throw new TensorException("the shape asks for another number of elements than " + values);
        }
    }

    private static void requireLittleEndian() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new TensorException("only little-endian machines are supported");
        }
    }
}
