package dev.saiki.tensor;

/// Where a tensor's memory lies and its operations run.
public enum Device {
    /// The processor and its memory.
    CPU,
    /// The first CUDA graphics processor.
    CUDA
}
