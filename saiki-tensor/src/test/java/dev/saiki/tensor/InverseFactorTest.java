package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class InverseFactorTest {

    @Test
    void theFactorIsUpperTriangularAndItsSquareIsTheInverse() {
        int n = 6;
        Random random = new Random(1);
        float[] numbers = new float[40 * n];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        try (TensorScope _ = TensorScope.open()) {
            Tensor rows = Tensors.of(numbers, 40, n).to(DType.FLOAT64);
            Tensor matrix = rows.transpose(0, 1).matmul(rows);
            Tensor factor = InverseFactor.of(matrix);
            double[] identity =
                    factor.transpose(0, 1).matmul(factor).matmul(matrix).toDoubles();
            double[] upper = factor.toDoubles();
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    assertThat(identity[i * n + j]).isCloseTo(i == j ? 1 : 0, within(1e-10));
                    assertThat(j < i && upper[i * n + j] != 0).isFalse();
                }
            }
        }
    }

    @Test
    void aMatrixThatIsNotPositiveDefiniteIsRefused() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor matrix = Tensors.of(new float[] {1, 2, 2, 1}, 2, 2);
            assertThatThrownBy(() -> InverseFactor.of(matrix)).isInstanceOf(RuntimeException.class);
        }
    }
}
