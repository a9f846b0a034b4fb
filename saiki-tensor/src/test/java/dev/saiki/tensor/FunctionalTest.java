package dev.saiki.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FunctionalTest {

    @Test
    void dropoutLeavesOutItsShareAndKeepsTheMean() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor ones = Tensors.zeros(DType.FLOAT32, 1000, 100).fillInPlace(1);
            float[] values = Functional.dropout(ones, 0.2, 7).toFloats();
            int left = 0;
            for (float value : values) {
                assertThat(value == 0 || value == 1.25f).isTrue();
                left += value == 0 ? 1 : 0;
            }
            // The tolerance is five standard deviations of the share among 100,000 elements.
            assertThat(left / 1e5).isCloseTo(0.2, within(5 * Math.sqrt(0.2 * 0.8 / 1e5)));
            assertThat(Functional.dropout(ones, 0.2, 7).toFloats()).isEqualTo(values);
            assertThat(Functional.dropout(ones, 0.2, 8).toFloats()).isNotEqualTo(values);
        }
    }

    @Test
    void writtenOutAttentionEqualsTheFusedKernelForGroupedHeads() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor query = random(1, 2, 4, 7, 8);
            Tensor key = random(2, 2, 2, 7, 8);
            Tensor value = random(3, 2, 2, 7, 8);
            float[] mask = new float[49];
            for (int q = 0; q < 7; q++) {
                for (int k = q + 1; k < 7; k++) {
                    mask[q * 7 + k] = Float.NEGATIVE_INFINITY;
                }
            }
            float[] fused = Functional.fusedCausalAttention(query, key, value).toFloats();
            float[] writtenOut = Functional.maskedAttention(
                            query, key, value, Tensors.of(mask, 7, 7), OptionalDouble.empty())
                    .toFloats();
            for (int i = 0; i < fused.length; i++) {
                assertThat(writtenOut[i]).isCloseTo(fused[i], within(1e-5f));
            }
        }
    }

    /// Queries at the positions 1 and 4 of two sequences, and keys at 0, 3 and 4.
    @Test
    void aMaskHidesLaterKeysAndThoseBeforeTheWindow() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor queries = Tensors.of(new long[] {1, 4}, 2, 1, 1);
            Tensor keys = Tensors.of(new long[] {0, 3, 4}, 1, 1, 3);
            float hidden = Float.NEGATIVE_INFINITY;
            Tensor all = Functional.attentionMask(queries, keys, OptionalInt.empty(), DType.FLOAT32);
            assertThat(all.shape()).containsExactly(2, 1, 3);
            assertThat(all.toFloats()).containsExactly(0, hidden, hidden, 0, 0, 0);
            Tensor ofTwo = Functional.attentionMask(queries, keys, OptionalInt.of(2), DType.BFLOAT16);
            assertThat(ofTwo.to(DType.FLOAT32).toFloats()).containsExactly(0, hidden, hidden, hidden, 0, 0);
            Tensor ofOne = Functional.attentionMask(queries, keys, OptionalInt.of(1), DType.FLOAT32);
            assertThat(ofOne.toFloats()).containsExactly(hidden, hidden, hidden, hidden, hidden, 0);
        }
    }

    @Test
    void rmsNormDividesByTheRootMeanSquare() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor normalised =
                    Functional.rmsNorm(Tensors.of(new float[] {3, 4}, 1, 2), Tensors.of(new float[] {1, 2}, 2), 0);
            double root = Math.sqrt(12.5);
            assertThat(normalised.toFloats()[0]).isCloseTo((float) (3 / root), within(1e-6f));
            assertThat(normalised.toFloats()[1]).isCloseTo((float) (8 / root), within(1e-6f));
        }
    }

    @Test
    void theGreatestOfEachRowComeInOrder() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor rows = Tensors.of(new float[] {1, 5, 3, -4, -2, -9}, 2, 3);
            assertThat(rows.greatest(2).toFloats()).containsExactly(5, 3, -2, -4);
        }
    }

    @Test
    void notANumberAndInfinityAreNotFinite() {
        try (TensorScope _ = TensorScope.open()) {
            assertThat(Tensors.of(new float[] {1, -2, 1e30f}, 3).isFinite()).isTrue();
            assertThat(Tensors.of(new float[] {1, Float.NaN}, 2).isFinite()).isFalse();
            assertThat(Tensors.of(new float[] {1, Float.NEGATIVE_INFINITY}, 2).isFinite())
                    .isFalse();
        }
    }

    private static Tensor random(long seed, long... shape) {
        Random random = new Random(seed);
        int count = 1;
        for (long length : shape) {
            count *= (int) length;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.of(values, shape);
    }
}
