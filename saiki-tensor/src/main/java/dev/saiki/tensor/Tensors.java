package dev.saiki.tensor;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Factories of tensors, and views of their memory.
///
/// Tensors for a training step are created {@linkplain #on on a given device}, or
/// {@linkplain #like on the device of another tensor}.
public final class Tensors {

    private static final DeviceTensors ON_CPU;

    static {
        TorchRuntime.ensureLoaded();
        ON_CPU = new DeviceTensors(Device.CPU);
    }

    private Tensors() {}

    /// Returns the factories of tensors on a device.
    ///
    /// @param device the device on which tensors are created
    /// @return factories
    public static DeviceTensors on(Device device) {
        return device instanceof Device.Cpu ? ON_CPU : new DeviceTensors(device);
    }

    /// Returns the factories of tensors on the device of another tensor.
    ///
    /// @param tensor the tensor whose device is used
    /// @return factories
    public static DeviceTensors like(Tensor tensor) {
        return on(tensor.device());
    }

    /// Creates a tensor of zeros on the CPU.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor zeros(DType type, long... shape) {
        return ON_CPU.zeros(type, shape);
    }

    /// Creates a tensor with uninitialised elements on the CPU.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor empty(DType type, long... shape) {
        return ON_CPU.empty(type, shape);
    }

    /// Creates a FLOAT32 tensor of the given elements on the CPU, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(float[] values, long... shape) {
        return ON_CPU.of(values, shape);
    }

    /// Creates an INT64 tensor of the given elements on the CPU, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(long[] values, long... shape) {
        return ON_CPU.of(values, shape);
    }

    /// Joins tensors along one dimension.
    ///
    /// @param parts tensors with equal lengths in all other dimensions
    /// @param dimension the dimension
    /// @return the joined tensor
    public static Tensor concatenate(List<Tensor> parts, int dimension) {
        org.bytedeco.pytorch.Tensor[] handles =
                parts.stream().map(Tensor::handle).toArray(org.bytedeco.pytorch.Tensor[]::new);
        try (TensorVector vector = new TensorVector(handles)) {
            return Tensor.of(torch.cat(vector, dimension));
        }
    }

    /// Creates a tensor on the CPU from little-endian bytes in row order, which are copied.
    ///
    /// @param data the bytes of all elements, without extra bytes
    /// @param type the number format of the bytes
    /// @param shape the lengths
    /// @return the tensor
    public static Tensor of(MemorySegment data, DType type, long... shape) {
        requireLittleEndian();
        Tensor tensor = empty(type, shape);
        long bytes = tensor.count() * type.bytes();
        if (bytes != data.byteSize()) {
            throw new TensorException("the tensor needs " + bytes + " bytes of data, got " + data.byteSize());
        }
        segmentOf(tensor).copyFrom(data);
        return tensor;
    }

    /// Returns the memory of a contiguous CPU tensor without copying; valid while the tensor lives.
    ///
    /// @param tensor a contiguous tensor
    /// @return the bytes, little-endian, in row order
    /// @throws TensorException if the tensor is on another device
    @SuppressWarnings("restricted") // The address and the length both come from LibTorch.
    public static MemorySegment segmentOf(Tensor tensor) {
        requireLittleEndian();
        if (!tensor.handle().is_cpu()) {
            throw new TensorException("the memory of a tensor on " + tensor.device()
                    + " cannot be viewed; copy it to the CPU first, with to(Device.CPU)");
        }
        if (!tensor.handle().is_contiguous()) {
            throw new TensorException("the memory of a non-contiguous tensor cannot be viewed");
        }
        long bytes = tensor.count() * tensor.dtype().bytes();
        return bytes == 0
                ? MemorySegment.NULL
                : MemorySegment.ofAddress(addressOf(tensor)).reinterpret(bytes);
    }

    private static long addressOf(Tensor tensor) {
        try (Pointer data = new BytePointer(tensor.handle().data_ptr())) {
            return data.address();
        }
    }

    private static void requireLittleEndian() {
        if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
            throw new TensorException("only little-endian machines are supported");
        }
    }
}
