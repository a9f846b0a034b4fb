package dev.saiki.train.plan;

import dev.saiki.model.Precision;

/// The throughput and memory of a device.
///
/// @param name the name of the device
/// @param source the origin of the figures: either a measurement, or a data sheet whose values are multiplied
///     by an assumed fraction
/// @param workers the number of micro-batches that the device computes in parallel
/// @param memoryBytes the memory of the device
/// @param runtimeBytes the memory of a process before it loads a model
/// @param float32FlopsPerSecond FLOPs per second of float32 matrix products on one worker while the others
///     are busy
/// @param bfloat16FlopsPerSecond FLOPs per second of bfloat16 matrix products on one worker while the others
///     are busy
/// @param secondsPerNumber the seconds per result of elementwise work on one worker, forward and backward
/// @param memoryBytesPerSecond the memory bandwidth of passes over parameters, summed over all workers
/// @param network the connection to other devices
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
    /// @param bytesPerSecond the bandwidth of one device
    /// @param secondsPerMessage the time until the first byte of a message arrives
    public record Network(double bytesPerSecond, double secondsPerMessage) {}

    /// The rate of matrix products.
    ///
    /// @param precision the number format
    /// @return FLOPs per second of one worker
    public double flopsPerSecond(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> float32FlopsPerSecond;
            case BFLOAT16 -> bfloat16FlopsPerSecond;
        };
    }
}
