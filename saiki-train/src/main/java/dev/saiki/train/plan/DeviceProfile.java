package dev.saiki.train.plan;

import dev.saiki.model.Precision;

/// The throughput and memory of a device.
///
/// @param name what to call it
/// @param source where the figures come from: a measurement, or a data sheet and an assumed share of it
/// @param workers micro-batches that it computes side by side
/// @param memoryBytes its memory
/// @param runtimeBytes memory that a process takes before it has a model
/// @param float32FlopsPerSecond of matrix products in float32, one worker while the others work
/// @param bfloat16FlopsPerSecond of matrix products in bfloat16, likewise
/// @param secondsPerNumber that one worker takes to make one result of elementwise work, forward and backward
/// @param memoryBytesPerSecond of passes over parameters, all workers together
/// @param network what connects it with others
public record DeviceProfile(
        String name,
        String source,
        int workers,
        long memoryBytes,
        long runtimeBytes,
        double float32FlopsPerSecond,
        double bfloat16FlopsPerSecond,
        double secondsPerNumber,
        double memoryBytesPerSecond,
        Network network) {

    /// A connection between devices.
    ///
    /// @param bytesPerSecond that one device sends
    /// @param secondsPerMessage before the first byte arrives
    public record Network(double bytesPerSecond, double secondsPerMessage) {}

    /// The rate of matrix products.
    ///
    /// @param precision the number format
    /// @return FLOPs a second of one worker
    public double flopsPerSecond(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> float32FlopsPerSecond;
            case BFLOAT16 -> bfloat16FlopsPerSecond;
        };
    }
}
