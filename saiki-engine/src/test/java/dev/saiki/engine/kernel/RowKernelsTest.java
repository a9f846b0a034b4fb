package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowKernelsTest {

    @Test
    void exponentialsAreOffByAtMostOneAndAHalfUnits() {
        double worst = 0;
        float[] x = new float[Lanes.COUNT];
        float[] power = new float[Lanes.COUNT];
        for (float from = Exponential.LEAST; from < Exponential.LARGEST; from += 0.0007f * Lanes.COUNT) {
            for (int lane = 0; lane < x.length; lane++) {
                x[lane] = Math.min(Exponential.LARGEST, from + 0.0007f * lane);
            }
            Exponential.of(FloatVector.fromArray(Lanes.FLOATS, x, 0)).intoArray(power, 0);
            for (int lane = 0; lane < x.length; lane++) {
                double exact = Math.exp(x[lane]);
                worst = Math.max(worst, Math.abs(power[lane] - exact) / Math.ulp((float) exact));
            }
        }
        assertThat(worst).isLessThan(1.5);
    }

    @Test
    void exponentialsOutsideTheRangeAreThoseOfItsEnds() {
        assertThat(exponential(-1000)).isEqualTo(exponential(Exponential.LEAST));
        assertThat(exponential(Float.NEGATIVE_INFINITY)).isLessThan(2e-38f);
        assertThat(exponential(1000))
                .isEqualTo(exponential(Exponential.LARGEST))
                .isFinite();
        assertThat(exponential(Float.NaN)).isNaN();
        assertThat(exponential(0)).isOne();
    }

    private static float exponential(float x) {
        return Exponential.of(FloatVector.broadcast(Lanes.FLOATS, x)).lane(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 33, 960})
    void rowsAreNormalisedLikeTheEquation(int width) {
        float[] input = gaussian(3 * width, 1);
        float[] weight = gaussian(width, 2);
        float[] output = new float[3 * width];
        RmsNorm.normalise(input, 0, 3, width, weight, 1e-5, output);
        for (int row = 0; row < 3; row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += (double) input[row * width + i] * input[row * width + i];
            }
            for (int i = 0; i < width; i++) {
                double expected = input[row * width + i] / Math.sqrt(squares / width + 1e-5) * weight[i];
                assertThat((double) output[row * width + i])
                        .isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
            }
        }
        float[] one = new float[3 * width];
        RmsNorm.normalise(input, 2, 1, width, weight, 1e-5, one);
        assertThat(Arrays.copyOfRange(one, 2 * width, 3 * width))
                .isEqualTo(Arrays.copyOfRange(output, 2 * width, 3 * width));
        RmsNorm.normalise(input, 0, 3, width, weight, 1e-5, input);
        assertThat(input).isEqualTo(output);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 64, 100})
    void gatesAreLikeTheEquation(int inner) {
        float[] gateAndUp = gaussian(2 * 2 * inner, 3);
        gateAndUp[0] = -120;
        float[] output = new float[2 * inner];
        SwiGlu.activate(gateAndUp, output, 0, 2, inner);
        for (int row = 0; row < 2; row++) {
            for (int i = 0; i < inner; i++) {
                double gate = gateAndUp[row * 2 * inner + i];
                double expected = gate / (1 + Math.exp(-gate)) * gateAndUp[row * 2 * inner + inner + i];
                assertThat((double) output[row * inner + i])
                        .isCloseTo(expected, within(5e-7 * (1 + Math.abs(expected))));
            }
        }
        float[] one = new float[2 * inner];
        SwiGlu.activate(gateAndUp, one, 1, 1, inner);
        assertThat(Arrays.copyOfRange(one, inner, 2 * inner)).isEqualTo(Arrays.copyOfRange(output, inner, 2 * inner));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 200})
    void softmaxIsLikeTheEquation(int count) {
        float[] scores = gaussian(count + 2, 4);
        float[] original = scores.clone();
        Softmax.inPlace(scores, 1, count, 0.125f);
        double sum = 0;
        for (int i = 1; i <= count; i++) {
            sum += Math.exp(0.125 * original[i]);
        }
        for (int i = 1; i <= count; i++) {
            assertThat((double) scores[i]).isCloseTo(Math.exp(0.125 * original[i]) / sum, within(1e-6));
        }
        assertThat(scores[0]).isEqualTo(original[0]);
        assertThat(scores[count + 1]).isEqualTo(original[count + 1]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 100, 5_000})
    void passesOverLogitsAreLikeThePlainLoops(int vocabulary) {
        float[] logits = gaussian(vocabulary, 8);
        logits[vocabulary / 2] = 9;
        logits[vocabulary - 1] = 9;
        if (vocabulary > 20) {
            logits[3] = Float.NEGATIVE_INFINITY;
        }
        assertThat(Logits.largest(logits)).isEqualTo(9);
        assertThat(Logits.firstOf(logits, 9)).isEqualTo(vocabulary / 2);
        assertThat(Logits.firstOf(logits, 10)).isEqualTo(vocabulary);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - 9.0);
        }
        assertThat(Logits.exponentialSum(logits, 9)).isCloseTo(sum, within(2e-7 * sum));
        logits[0] = Float.NaN;
        assertThat(Logits.largest(logits)).isNaN();
    }

    @Test
    void softmaxOfFarApartScoresIsOneAndNothing() {
        float[] scores = {-1e4f, 3000, -500};
        Softmax.inPlace(scores, 0, 3, 1);
        assertThat(scores[1]).isOne();
        assertThat(scores[0]).isLessThan(1e-37f);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 16, 31, 960, 1001})
    void stretchesAreMultiplied(int count) {
        float[] a = gaussian(count + 3, 5);
        float[] b = gaussian(count + 7, 6);
        double sum = 0;
        double size = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[3 + i] * b[7 + i];
            size += Math.abs((double) a[3 + i] * b[7 + i]);
        }
        assertThat((double) Vectors.dot(a, 3, b, 7, count)).isCloseTo(sum, within(3e-7 * size + 1e-30));
    }

    @Test
    void numbersAreRoundedToTheNearestBFloat16() {
        assertThat(BFloat16.toFloat(BFloat16.of(1))).isOne();
        // Two numbers half-way between neighbours: each is rounded to the even neighbour.
        assertThat(BFloat16.toFloat(BFloat16.of(1 + 0x1p-8f))).isOne();
        assertThat(BFloat16.toFloat(BFloat16.of(1 + 0x3p-8f))).isEqualTo(1 + 0x1p-6f);
        assertThat(BFloat16.toFloat(BFloat16.of(Float.MAX_VALUE))).isInfinite();
        assertThat(BFloat16.toFloat(BFloat16.of(Float.NEGATIVE_INFINITY))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(BFloat16.toFloat(BFloat16.of(Float.intBitsToFloat(0x7f800001))))
                .isNaN();
        assertThat(Float.floatToRawIntBits(BFloat16.toFloat(BFloat16.of(-0f)))).isEqualTo(0x80000000);
    }

    static float[] gaussian(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
