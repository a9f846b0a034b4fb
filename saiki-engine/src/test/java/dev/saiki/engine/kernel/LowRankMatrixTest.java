package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.settings.WeightFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowRankMatrixTest {

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float rounded(float value) {
        return BFloat16.toFloat(BFloat16.of(value));
    }

    private static LowRankMatrix matrix(WeightFormat format, int inputs, int outputs, int rank) {
        return LowRankMatrix.of(format, new float[rank * inputs], new float[outputs * rank], rank, 1, 0);
    }

    @Test
    void updatesOfWeightsInFewerBitsReadHalfAsMuch() {
        assertThat(matrix(WeightFormat.FLOAT32, 64, 32, 8).bytes()).isEqualTo(4L * 8 * (64 + 32));
        assertThat(matrix(WeightFormat.BFLOAT16, 64, 32, 8).bytes()).isEqualTo(2L * 8 * (64 + 32));
        assertThat(matrix(WeightFormat.INT8, 64, 32, 8).bytes()).isEqualTo(2L * 8 * (64 + 32));
    }

    /// If bfloat16 represents the numbers exactly, both formats give bit-identical products.
    @Test
    void bothFormatsAddInTheSameOrder() {
        Random random = new Random(5);
        int inputs = 100;
        int outputs = 37;
        int rank = 7;
        float[] down = random(random, rank * inputs);
        float[] up = random(random, outputs * rank);
        for (int i = 0; i < down.length; i++) {
            down[i] = rounded(down[i]);
        }
        for (int i = 0; i < up.length; i++) {
            up[i] = rounded(up[i]);
        }
        float[] row = random(random, inputs);
        float[] exact = new float[outputs];
        float[] halved = new float[outputs];
        LowRankMatrix.of(WeightFormat.FLOAT32, down, up, rank, 0.5, 0).addTo(row, 0, exact, outputs);
        LowRankMatrix.of(WeightFormat.BFLOAT16, down, up, rank, 0.5, 0).addTo(row, 0, halved, outputs);
        assertThat(halved).containsExactly(exact);
    }

    /// Inputs and outputs that do not fill whole vectors, and ranks that do not fill whole groups.
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 16, 16, 4",
        "FLOAT32, 17, 5, 1",
        "FLOAT32, 64, 33, 3",
        "FLOAT32, 100, 48, 8",
        "FLOAT32, 3, 200, 5",
        "FLOAT32, 256, 256, 16",
        "BFLOAT16, 16, 16, 4",
        "BFLOAT16, 17, 5, 1",
        "BFLOAT16, 64, 33, 3",
        "BFLOAT16, 100, 48, 8",
        "BFLOAT16, 3, 200, 5",
        "INT8, 256, 256, 16"
    })
    void addsTheScaledProductOfBothMatrices(WeightFormat format, int inputs, int outputs, int rank) {
        Random random = new Random(inputs * 31L + outputs);
        float[] down = random(random, rank * inputs);
        float[] up = random(random, outputs * rank);
        float[] rows = random(random, 3 * inputs);
        int first = 7;
        int width = outputs + first + 2;
        float[] before = random(random, 3 * width);
        float[] products = before.clone();
        LowRankMatrix.of(format, down, up, rank, 0.75, first).addTo(rows, 1, products, width);
        boolean exact = format == WeightFormat.FLOAT32;
        for (int i = 0; i < products.length; i++) {
            int output = i - width - first;
            double expected = before[i];
            if (output >= 0 && output < outputs) {
                for (int k = 0; k < rank; k++) {
                    double narrow = 0;
                    for (int input = 0; input < inputs; input++) {
                        float held = down[k * inputs + input];
                        narrow += (double) rows[inputs + input] * (exact ? held : rounded(held));
                    }
                    float held = (float) (0.75 * up[output * rank + k]);
                    expected += (exact ? held : rounded(held)) * narrow;
                }
                assertThat((double) products[i]).isCloseTo(expected, within(1e-4 * inputs));
            } else {
                assertThat(products[i]).isEqualTo(before[i]);
            }
        }
    }
}
