package dev.saiki.tensor;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/// Factories of tensors on one device.
///
/// Values from Java are copied to a GPU asynchronously from pinned memory. Operations that read the copy run after
/// the copying, which precedes them in the GPU's queue.
public final class DeviceTensors {

    private final Device device;

    DeviceTensors(Device device) {
        this.device = device;
    }

    /// Creates a tensor of zeros.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public Tensor zeros(DType type, long... shape) {
        try (TensorOptions options = options(type)) {
            return Tensor.of(torch.zeros(shape, options));
        }
    }

    /// Creates a tensor with uninitialised elements.
    ///
    /// @param type the number format
    /// @param shape the lengths
    /// @return the tensor
    public Tensor empty(DType type, long... shape) {
        try (TensorOptions options = options(type);
                MemoryFormatOptional format = new MemoryFormatOptional()) {
            return Tensor.of(torch.empty(shape, options, format));
        }
    }

    /// Creates a FLOAT32 tensor of the given elements, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public Tensor of(float[] values, long... shape) {
        org.bytedeco.pytorch.Tensor host = host(DType.FLOAT32, values.length, shape);
        if (values.length > 0) {
            try (FloatPointer data = new FloatPointer(host.data_ptr())) {
                data.put(values);
            }
        }
        return placed(host);
    }

    /// Creates an INT64 tensor of the given elements, row by row.
    ///
    /// @param values the elements
    /// @param shape the lengths
    /// @return the tensor
    public Tensor of(long[] values, long... shape) {
        org.bytedeco.pytorch.Tensor host = host(DType.INT64, values.length, shape);
        if (values.length > 0) {
            try (LongPointer data = new LongPointer(host.data_ptr())) {
                data.put(values);
            }
        }
        return placed(host);
    }

    /// Creates a FLOAT32 tensor without dimensions.
    ///
    /// @param value the element
    /// @return the tensor
    public Tensor scalar(double value) {
        return zeros(DType.FLOAT32).fillInPlace(value);
    }

    /// Draws ones and zeros at random, on the CPU, so that the result depends only on the seed and not on the
    /// device.
    ///
    /// @param type the number format
    /// @param probability the probability of a one
    /// @param seed the seed; the result does not depend on the number of threads
    /// @param shape the lengths
    /// @return the tensor
    public Tensor bernoulli(DType type, double probability, long seed, long... shape) {
        org.bytedeco.pytorch.Tensor host = emptyHost(type, shape);
        try (Generator generator = torch.createCPUGenerator(seed);
                GeneratorOptional own = new GeneratorOptional(generator)) {
            host.bernoulli_(probability, own);
        }
        return placed(host);
    }

    /// LibTorch's representation of a device.
    static org.bytedeco.pytorch.Device nativeOf(Device device) {
        return new org.bytedeco.pytorch.Device(device.toString());
    }

    /// The device of a tensor.
    static Device deviceOf(org.bytedeco.pytorch.Tensor tensor) {
        if (tensor.is_cpu()) {
            return Device.CPU;
        }
        if (tensor.is_meta()) {
            return Device.META;
        }
        try (org.bytedeco.pytorch.Device device = tensor.device()) {
            if (!device.is_cuda()) {
                throw new TensorException("a tensor is on an unknown device");
            }
            return new Device.Cuda(device.index());
        }
    }

    private TensorOptions options(DType type) {
        TensorOptions plain = new TensorOptions(type.scalarType());
        if (device instanceof Device.Cpu) {
            return plain;
        }
        try (plain;
                org.bytedeco.pytorch.Device place = nativeOf(device);
                DeviceOptional wanted = new DeviceOptional(place)) {
            return plain.device(wanted);
        }
    }

    private org.bytedeco.pytorch.Tensor host(DType type, int values, long... shape) {
        org.bytedeco.pytorch.Tensor host = emptyHost(type, shape);
        if (host.numel() != values) {
            host.deallocate();
            throw new TensorException("the shape must have as many elements as the values, " + values);
        }
        return host;
    }

    /// CPU memory, pinned if a GPU will copy from it.
    private org.bytedeco.pytorch.Tensor emptyHost(DType type, long... shape) {
        try (TensorOptions options = new TensorOptions(type.scalarType());
                MemoryFormatOptional format = new MemoryFormatOptional()) {
            return device instanceof Device.Cuda ? pinned(options, format, shape) : torch.empty(shape, options, format);
        }
    }

    private static org.bytedeco.pytorch.Tensor pinned(TensorOptions plain, MemoryFormatOptional format, long... shape) {
        try (BoolOptional yes = new BoolOptional(true);
                TensorOptions options = plain.pinned_memory(yes)) {
            return torch.empty(shape, options, format);
        }
    }

    private Tensor placed(org.bytedeco.pytorch.Tensor host) {
        if (device instanceof Device.Cpu) {
            return Tensor.of(host);
        }
        try (host) {
            return Tensor.of(copied(host, device, true));
        }
    }

    /// A copy on a device, or the tensor itself if it is already there.
    static org.bytedeco.pytorch.Tensor copied(
            org.bytedeco.pytorch.Tensor source, Device device, boolean withoutWaiting) {
        try (org.bytedeco.pytorch.Device place = nativeOf(device);
                MemoryFormatOptional format = new MemoryFormatOptional()) {
            return source.to(place, source.scalar_type(), withoutWaiting, false, format);
        }
    }
}
