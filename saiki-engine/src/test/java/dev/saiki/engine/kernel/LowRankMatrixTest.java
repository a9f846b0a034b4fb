package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
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

    /// Inputs and outputs that do not fill whole vectors, and ranks that do not fill whole groups.
    @ParameterizedTest
    @CsvSource({"16, 16, 4", "17, 5, 1", "64, 33, 3", "100, 48, 8", "3, 200, 5", "256, 256, 16"})
    void addsTheScaledProductOfBothMatrices(int inputs, int outputs, int rank) {
        Random random = new Random(inputs * 31L + outputs);
        float[] down = random(random, rank * inputs);
        float[] up = random(random, outputs * rank);
        float[] rows = random(random, 3 * inputs);
        int first = 7;
        int width = outputs + first + 2;
        float[] before = random(random, 3 * width);
        float[] products = before.clone();
        LowRankMatrix.of(down, up, rank, 0.75, first).addTo(rows, 1, products, width);
        for (int i = 0; i < products.length; i++) {
            int output = i - width - first;
            double expected = before[i];
            if (output >= 0 && output < outputs) {
                for (int k = 0; k < rank; k++) {
                    double narrow = 0;
                    for (int input = 0; input < inputs; input++) {
                        narrow += (double) rows[inputs + input] * down[k * inputs + input];
                    }
                    expected += 0.75 * up[output * rank + k] * narrow;
                }
                assertThat((double) products[i]).isCloseTo(expected, within(1e-4 * inputs));
            } else {
                assertThat(products[i]).isEqualTo(before[i]);
            }
        }
    }
}
