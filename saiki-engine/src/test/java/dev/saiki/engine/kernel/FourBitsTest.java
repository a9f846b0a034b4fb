package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FourBitsTest {

    @Test
    void multiplesOfAScaleAreExact() {
        for (float scale : new float[] {0.25f, -3.5f, 0x1.fp-9f, 0x1.1p30f}) {
            float[] values = new float[FourBits.BLOCK];
            for (int i = 0; i < values.length; i++) {
                values[i] = scale * (i % 16 - 8);
            }
            float[] rounded = values.clone();
            FourBits.round(rounded);
            assertThat(rounded).isEqualTo(values);
        }
    }

    @Test
    void roundedWeightsAreExactInBFloat16AndNear() {
        Random random = new Random(1);
        for (int block = 0; block < 1000; block++) {
            float[] values = new float[FourBits.BLOCK];
            double largest = 0;
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian()));
                largest = Math.max(largest, Math.abs(values[i]));
            }
            float[] rounded = values.clone();
            FourBits.round(rounded);
            double error = 0;
            double size = 0;
            for (int i = 0; i < values.length; i++) {
                assertThat(BFloat16.toFloat(BFloat16.of(rounded[i]))).isEqualTo(rounded[i]);
                error += Math.pow(values[i] - rounded[i], 2);
                size += Math.pow(values[i], 2);
            }
            // Rounding to one of 16 numbers of equal distance, the last of which is the largest weight or beyond.
            assertThat(error).isLessThan(FourBits.BLOCK * Math.pow(largest / 7.5 / 2, 2));
            assertThat(error).isLessThan(size / 10);
        }
    }

    @Test
    void zerosAndTheSmallestNumbersStayZeroOrNear() {
        float[] values = new float[2 * FourBits.BLOCK];
        values[40] = Float.MIN_VALUE;
        float[] rounded = values.clone();
        FourBits.round(rounded);
        assertThat(rounded).doesNotContain(Float.NaN);
        for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(rounded[i] - values[i])).isLessThanOrEqualTo(Float.MIN_VALUE);
        }
    }
}
