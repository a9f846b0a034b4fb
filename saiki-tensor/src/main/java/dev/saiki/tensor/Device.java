package dev.saiki.tensor;

import java.util.Optional;

/// A device that runs operations and holds their tensors.
///
/// All operands of an operation are on one device, except that LibTorch accepts a zero-dimensional CPU tensor with
/// operands on another device.
public sealed interface Device {

    /// The CPU and its memory.
    Device CPU = new Cpu();

    /// The device without memory.
    Device META = new Meta();

    /// The machine's processor and main memory.
    record Cpu() implements Device {

        @Override
        public String toString() {
            return "cpu";
        }
    }

    /// A GPU, used through CUDA.
    ///
    /// @param index the index of the GPU, from 0
    record Cuda(int index) implements Device {

        /// Checks the number.
        ///
        /// @throws IllegalArgumentException if the index is not in [0, 127]
        public Cuda {
            if (index < 0 || index > Byte.MAX_VALUE) {
                throw new IllegalArgumentException("the number of a GPU must be from 0 to 127, got " + index);
            }
        }

        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }

    /// The device `meta`, whose tensors have shapes, types and histories, but neither memory nor values. The
    /// operations of this device cost nothing, and reject the same arguments as on other devices.
    record Meta() implements Device {

        @Override
        public String toString() {
            return "meta";
        }
    }

    /// Parses a device in the spelling of recipes.
    ///
    /// @param spelling `cpu`, `cuda` for the first GPU, or `cuda:N`
    /// @return the device; empty if the spelling is not valid
    static Optional<Device> parse(String spelling) {
        if (spelling.matches("cuda(:\\d{1,2})?")) {
            int index = spelling.equals("cuda") ? 0 : Integer.parseInt(spelling.substring("cuda:".length()));
            return Optional.of(new Cuda(index));
        }
        return spelling.equals("cpu") ? Optional.of(CPU) : Optional.empty();
    }
}
