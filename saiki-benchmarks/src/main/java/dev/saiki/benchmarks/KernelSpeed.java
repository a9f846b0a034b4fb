package dev.saiki.benchmarks;

import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.tensor.TorchRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// A single-threaded benchmark of matrix products and causal attention in both number formats, the upper bound of a
/// training step.
///
/// Prints one line per kernel. `benchmarks/training-speed.sh` runs it first.
public final class KernelSpeed {

    private static final int ROWS = 1024;
    private static final int REPETITIONS = 9;
    private static final double FLOPS_A_BILLION = 1e9;

    private KernelSpeed() {}

    /// Measures.
    ///
    /// @param arguments none
    public static void main(String[] arguments) {
        TorchRuntime.setThreadsOfCaller(1);
        for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
            for (int[] shape : new int[][] {{256, 768}, {256, 1408}, {704, 256}, {256, 4096}, {576, 1536}}) {
                product(dtype, shape[0], shape[1]);
            }
            attention(dtype, true);
            attention(dtype, false);
        }
    }

    private static void product(DType dtype, int in, int out) {
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor input = random(dtype, ROWS, in);
            Tensor weight = random(dtype, out, in);
            double seconds = median(() -> {
                for (int i = 0; i < 10; i++) {
                    Functional.linear(input, weight);
                }
            });
            double flops = 10 * 2.0 * ROWS * in * out;
            System.out.printf(
                    Locale.ROOT,
                    "%s product of %d x %d x %d: %.0f GFLOP/s%n",
                    dtype,
                    ROWS,
                    in,
                    out,
                    flops / seconds / FLOPS_A_BILLION);
        }
    }

    private static void attention(DType dtype, boolean fused) {
        int time = 256;
        try (TensorScope _ = TensorScope.open()) {
            Tensor query = Autograd.leaf(random(dtype, 4, 4, time, 64));
            Tensor key = Autograd.leaf(random(dtype, 4, 4, time, 64));
            Tensor value = Autograd.leaf(random(dtype, 4, 4, time, 64));
            Tensor outer = random(dtype, 4, 4, time, 64);
            float[] hidden = new float[time * time];
            for (int row = 0; row < time; row++) {
                Arrays.fill(hidden, row * time + row + 1, (row + 1) * time, Float.NEGATIVE_INFINITY);
            }
            Tensor mask = Tensors.of(hidden, time, time).to(dtype);
            double seconds = median(() -> {
                Tensor attended = fused
                        ? Functional.fusedCausalAttention(query, key, value)
                        : Functional.maskedAttention(query, key, value, mask);
                Autograd.backward(attended, outer);
            });
            System.out.printf(
                    Locale.ROOT,
                    "%s causal attention %s, forward and backward: %.1f ms%n",
                    dtype,
                    fused ? "fused" : "written out",
                    1000 * seconds);
        }
    }

    private static double median(Runnable work) {
        double[] seconds = new double[REPETITIONS];
        for (int i = -2; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            try (TensorScope _ = TensorScope.open()) {
                work.run();
            }
            if (i >= 0) {
                seconds[i] = (System.nanoTime() - start) / 1e9;
            }
        }
        Arrays.sort(seconds);
        return seconds[REPETITIONS / 2];
    }

    private static Tensor random(DType dtype, long... shape) {
        Random random = new Random(1);
        int count = 1;
        for (long length : shape) {
            count *= (int) length;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, shape).to(dtype);
    }
}
