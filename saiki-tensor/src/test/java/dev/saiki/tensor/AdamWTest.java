package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamWTest {

    private static final double LEARNING_RATE = 0.01;
    private static final double DECAY = 0.1;

    @Test
    void stepsEqualTheFormulaWrittenOut() {
        Random random = new Random(7);
        float[] weight = new float[33];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) random.nextGaussian();
        }
        double[] expected = new double[weight.length];
        double[] m = new double[weight.length];
        double[] v = new double[weight.length];
        for (int i = 0; i < weight.length; i++) {
            expected[i] = weight[i];
        }
        try (TensorScope _ = TensorScope.open()) {
            Tensor w = Tensors.of(weight, weight.length);
            Tensor first = Tensors.zeros(DType.FLOAT32, weight.length);
            Tensor second = Tensors.zeros(DType.FLOAT32, weight.length);
            AdamW optimizer = new AdamW(new AdamW.Settings(0.9, 0.95, 1e-8));
            for (int step = 1; step <= 5; step++) {
                float[] gradient = new float[weight.length];
                for (int i = 0; i < gradient.length; i++) {
                    gradient[i] = (float) random.nextGaussian();
                    m[i] = 0.9 * m[i] + 0.1 * gradient[i];
                    v[i] = 0.95 * v[i] + 0.05 * gradient[i] * gradient[i];
                    double mean = m[i] / (1 - Math.pow(0.9, step));
                    double square = v[i] / (1 - Math.pow(0.95, step));
                    expected[i] *= 1 - LEARNING_RATE * DECAY;
                    expected[i] -= LEARNING_RATE * mean / (Math.sqrt(square) + 1e-8);
                }
                Tensor g = Tensors.of(gradient, gradient.length);
                optimizer.step(List.of(new AdamW.Group(w, g, first, second, DECAY)), LEARNING_RATE, step);
            }
            float[] actual = w.toFloats();
            for (int i = 0; i < actual.length; i++) {
                assertThat((double) actual[i]).describedAs("weight %d", i).isCloseTo(expected[i], within(1e-5));
            }
        }
    }
}
