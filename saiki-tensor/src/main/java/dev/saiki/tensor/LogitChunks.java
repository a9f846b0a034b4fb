package dev.saiki.tensor;

/// The division of logits into chunks of rows, which are processed one after another.
///
/// On the CPU, a chunk fits in the cache of a single core. On a GPU, each operation of a chunk is a kernel launch,
/// which costs the same for few rows as for many; chunks only keep float32 copies of all logits out of memory.
final class LogitChunks {

    /// The number of float32 values of a chunk on the CPU: 1 MiB.
    private static final long CPU_NUMBERS = 1 << 18;

    /// The number of float32 values of a chunk on a GPU: 512 MiB.
    private static final long GPU_NUMBERS = 1 << 27;

    private LogitChunks() {}

    /// The processing of a chunk.
    @FunctionalInterface
    interface Chunk {

        /// Processes rows in a tensor scope of their own.
        ///
        /// @param first the first row
        /// @param count the number of rows, at least 1
        void process(long first, long count);
    }

    /// Processes all rows in order, without recording.
    ///
    /// @param device the device of the logits
    /// @param rows the number of rows
    /// @param vocabulary the number of logits in a row
    /// @param chunk the processing of a chunk
    static void forEach(Device device, long rows, long vocabulary, Chunk chunk) {
        long numbers = device.equals(Device.CPU) ? CPU_NUMBERS : GPU_NUMBERS;
        long most = Math.max(1, numbers / vocabulary);
        try (Autograd _ = Autograd.off()) {
            for (long first = 0; first < rows; first += most) {
                try (TensorScope _ = TensorScope.open()) {
                    chunk.process(first, Math.min(most, rows - first));
                }
            }
        }
    }
}
