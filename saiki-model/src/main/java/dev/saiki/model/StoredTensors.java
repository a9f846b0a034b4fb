package dev.saiki.model;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Views of native tensors as stored tensors.
public final class StoredTensors {

    private StoredTensors() {}

    /// Returns a contiguous float32 tensor as a stored tensor. A CPU tensor is not copied, so that the result is
    /// valid only while the tensor is open.
    ///
    /// @param name the name under which it is stored
    /// @param tensor FLOAT32
    /// @return the stored tensor
    public static StoredTensor of(String name, Tensor tensor) {
        return new StoredTensor(
                name, StoredType.F32, Arrays.stream(tensor.shape()).boxed().toList(), memory(tensor));
    }

    private static MemorySegment memory(Tensor tensor) {
        if (tensor.device() instanceof Device.Cpu) {
            return Tensors.segmentOf(tensor);
        }
        try (TensorScope _ = TensorScope.open()) {
            MemorySegment onCpu = Tensors.segmentOf(tensor.to(Device.CPU));
            return Arena.ofAuto().allocate(onCpu.byteSize(), Float.BYTES).copyFrom(onCpu);
        }
    }
}
