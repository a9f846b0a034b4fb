package dev.saiki.benchmarks;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.kernel.WeightMatrix;
import dev.saiki.engine.kernel.WeightMemory;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.WeightFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// A benchmark of the engine's matrix products, in each number format at 1 to 128 rows: bytes and operations per
/// second, and their share of the machine's peak.
///
/// Iterates over matrices that together exceed the last-level cache, as a decode step does. Prints one JSON line
/// per format and number of rows, with the median over repetitions; formats run in turn so that a disturbance
/// affects all formats alike. Usage:
///
/// ```
/// java --add-modules jdk.incubator.vector -cp … dev.saiki.benchmarks.EngineKernelSpeed [threads [in out]]
/// ```
public final class EngineKernelSpeed {

    /// The minimum total size of a format's matrices in bytes: three times the 32 MB last-level cache of the
    /// measured machine.
    private static final long BYTES = 96L << 20;

    private static final List<WeightFormat> FORMATS = List.of(WeightFormat.values());
    private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 64, 128};
    private static final int REPETITIONS = 15;
    private static final int WARMUPS = 5;
    private static final double BILLION = 1e9;

    /// The peaks of one and two cores of the measured machine: bytes read per second, in units of 10^9.
    private static final double[] READ_LIMIT = {25, 33};

    /// The peaks of one and two cores of the measured machine: float32 operations per second, in units of 10^9.
    private static final double[] OPERATION_LIMIT = {117, 234};

    private EngineKernelSpeed() {}

    /// Measures.
    ///
    /// @param arguments threads (default 2), inputs (default 960), outputs (default 2560)
    public static void main(String[] arguments) {
        int threads = argument(arguments, 0, 2);
        int inputs = argument(arguments, 1, 960);
        int outputs = argument(arguments, 2, 2560);
        List<List<WeightMatrix>> formats = FORMATS.stream()
                .map(format -> matrices(format, inputs, outputs))
                .toList();
        try (WorkerPool workers = WorkerPool.of(threads)) {
            for (int rows : ROWS) {
                double[][] seconds = measure(formats, rows, workers);
                for (int format = 0; format < FORMATS.size(); format++) {
                    print(FORMATS.get(format), formats.get(format), rows, threads, seconds[format]);
                }
            }
        }
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private static List<WeightMatrix> matrices(WeightFormat format, int inputs, int outputs) {
        Random random = new Random(1);
        float[] values = new float[inputs * outputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        StoredTensor tensor = StoredTensor.ofFloats("weight", List.of((long) outputs, (long) inputs), values);
        WeightMemory memory = new WeightMemory();
        List<WeightMatrix> matrices = new ArrayList<>();
        for (long bytes = 0; bytes < BYTES; bytes += matrices.getLast().bytes()) {
            matrices.add(WeightMatrices.of(List.of(tensor), format, memory));
        }
        return matrices;
    }

    /// Returns the seconds per product, by format and repetition.
    private static double[][] measure(List<List<WeightMatrix>> formats, int rows, WorkerPool workers) {
        WeightMatrix shape = formats.getFirst().getFirst();
        float[] input = new float[rows * shape.inputs()];
        Arrays.fill(input, 0.5f);
        float[] output = new float[rows * shape.outputs()];
        double[][] seconds = new double[formats.size()][REPETITIONS];
        for (int i = -WARMUPS; i < REPETITIONS; i++) {
            for (int format = 0; format < formats.size(); format++) {
                long start = System.nanoTime();
                for (WeightMatrix matrix : formats.get(format)) {
                    matrix.multiply(input, rows, output, workers);
                }
                if (i >= 0) {
                    seconds[format][i] = (System.nanoTime() - start)
                            / BILLION
                            / formats.get(format).size();
                }
            }
        }
        return seconds;
    }

    private static void print(
            WeightFormat format, List<WeightMatrix> matrices, int rows, int threads, double[] seconds) {
        Arrays.sort(seconds);
        WeightMatrix matrix = matrices.getFirst();
        double median = seconds[REPETITIONS / 2];
        double read = matrix.bytes() / median / BILLION;
        double operations = 2.0 * rows * matrix.inputs() * matrix.outputs() / median / BILLION;
        int limit = Math.min(threads, READ_LIMIT.length) - 1;
        System.out.printf(
                Locale.ROOT,
                "{\"kernel\":\"%s\",\"in\":%d,\"out\":%d,\"threads\":%d,\"rows\":%d,\"microseconds\":%.1f,"
                        + "\"fastest\":%.1f,\"gigabytes\":%.1f,\"read_share\":%.2f,\"gflops\":%.1f,\"peak_share\":%.2f}%n",
                format.name().toLowerCase(Locale.ROOT),
                matrix.inputs(),
                matrix.outputs(),
                threads,
                rows,
                median * 1e6,
                seconds[0] * 1e6,
                read,
                read / READ_LIMIT[limit],
                operations,
                operations / OPERATION_LIMIT[limit]);
    }
}
