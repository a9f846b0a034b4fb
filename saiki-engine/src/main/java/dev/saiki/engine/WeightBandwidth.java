package dev.saiki.engine;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.kernel.VectorModule;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WeightMemory;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.WeightFormat;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The bandwidth at which this machine multiplies one row by weights, which limits decoding of one sequence.
public final class WeightBandwidth {

    /// The size of the weights: more than the caches of most processors hold.
    private static final long BYTES = 96L << 20;

    private static final int INPUTS = 4096;
    private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(60);

    private WeightBandwidth() {}

    /// Measures the bandwidth, which takes about 0.1 seconds and 200 MB.
    ///
    /// @param format the number format of the weights
    /// @param threads the number of threads that multiply
    /// @return the greatest bandwidth of several products, in bytes of the format a second
    public static double measure(WeightFormat format, int threads) {
        VectorModule.require();
        StoredType type = format.blocks().orElse(format == WeightFormat.BFLOAT16 ? StoredType.BF16 : StoredType.F32);
        long rowBytes = INPUTS / type.blockSize() * (long) type.blockBytes();
        int outputs = Math.toIntExact(BYTES / rowBytes);
        try (Arena arena = Arena.ofConfined();
                WeightMemory memory = new WeightMemory();
                WorkerPool workers = WorkerPool.of(threads)) {
            StoredTensor weights = new StoredTensor(
                    "weights", type, List.of((long) outputs, (long) INPUTS), arena.allocate(outputs * rowBytes));
            WeightMatrix matrix = WeightMatrices.of(List.of(weights), format, memory);
            float[] row = new float[INPUTS];
            Arrays.fill(row, 1);
            float[] products = new float[outputs];
            long shortest = Long.MAX_VALUE;
            long end = System.nanoTime() + NANOS;
            do {
                long start = System.nanoTime();
                matrix.multiply(row, 1, products, workers);
                shortest = Math.min(shortest, System.nanoTime() - start);
            } while (System.nanoTime() < end);
            return outputs * rowBytes * (double) TimeUnit.SECONDS.toNanos(1) / shortest;
        }
    }
}
