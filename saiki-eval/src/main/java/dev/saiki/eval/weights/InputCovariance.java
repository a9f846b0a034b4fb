package dev.saiki.eval.weights;

import dev.saiki.tensor.DType;
import dev.saiki.tensor.InverseFactor;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.Arrays;

/// The sum of x · xᵀ over the rows x that a matrix multiplies.
final class InputCovariance {

    /// The share of the mean diagonal that is added to the diagonal, so that the sum can be inverted.
    private static final double DAMPING = 0.01;

    private final int inputs;
    private final Tensor sum;

    InputCovariance(int inputs) {
        this.inputs = inputs;
        this.sum = Tensors.zeros(DType.FLOAT32, inputs, inputs);
    }

    static long bytes(int inputs) {
        return (long) inputs * inputs * Float.BYTES;
    }

    /// Adds rows, which may be followed by others in the array.
    void add(float[] rows, int count) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor some = Tensors.of(Arrays.copyOf(rows, count * inputs), count, inputs);
            sum.addProductInPlace(some.transpose(0, 1), some);
        }
    }

    /// Frees the sum, and returns the upper triangular U, `[inputs, inputs]`, with Uᵀ · U equal to the inverse of the
    /// damped sum.
    float[] inverseFactor() {
        try (TensorScope _ = TensorScope.open()) {
            float[] numbers = sum.toFloats();
            double trace = 0;
            for (int i = 0; i < inputs; i++) {
                trace += numbers[i * inputs + i];
            }
            float damping = (float) Math.max(Float.MIN_NORMAL, DAMPING * trace / inputs);
            for (int i = 0; i < inputs; i++) {
                numbers[i * inputs + i] += damping;
            }
            Tensor damped = Tensors.of(numbers, inputs, inputs).to(DType.FLOAT64);
            return InverseFactor.of(damped).to(DType.FLOAT32).toFloats();
        } finally {
            sum.close();
        }
    }
}
