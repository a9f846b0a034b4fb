package dev.saiki.engine.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.checkpoint.config.Activation;
import dev.saiki.checkpoint.safetensors.BFloat16;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowKernelsTest {

    private static final JavaRowKernels JAVA = new JavaRowKernels();

    /// Every length of a row that the kernels treat differently, with both kernels.
    static Stream<Arguments> kernelsAndLengths() {
        return Stream.of(JAVA, RowKernels.ROWS)
                .distinct()
                .flatMap(kernels -> IntStream.of(1, 5, 15, 16, 17, 31, 33, 100, 960)
                        .mapToObj(length -> Arguments.of(kernels, length)));
    }

    @ParameterizedTest
    @MethodSource("kernelsAndLengths")
    void kernelsInCHaveTheBitsOfThoseInJava(RowKernels kernels, int length) {
        assumeTrue(Lanes.COUNT == 16);
        float[] input = gaussian(6 * length, 9);
        float[] weight = gaussian(length, 10);
        float[] expected = new float[6 * length];
        float[] output = new float[6 * length];
        JAVA.normalise(input, 1, 4, length, weight, 1e-6, expected);
        kernels.normalise(input, 1, 4, length, weight, 1e-6, output);
        assertThat(output).isEqualTo(expected);
        for (Activation activation : Activation.values()) {
            JAVA.activate(activation, input, expected, 1, 2, length);
            kernels.activate(activation, input, output, 1, 2, length);
            assertThat(output).isEqualTo(expected);
        }
        assertThat(kernels.dot(input, length, weight, 0, length)).isEqualTo(JAVA.dot(input, length, weight, 0, length));
        JAVA.addWeighted(new float[] {0.5f, -3, 0.1f}, input, length, expected, length);
        kernels.addWeighted(new float[] {0.5f, -3, 0.1f}, input, length, output, length);
        assertThat(output).isEqualTo(expected);
        assertThat(kernels.largest(input)).isEqualTo(JAVA.largest(input));
        assertThat(kernels.exponentialSum(input, 3)).isEqualTo(JAVA.exponentialSum(input, 3));
    }

    @ParameterizedTest
    @MethodSource("kernelsAndLengths")
    void rowsBeyondTheArraysAreRefused(RowKernels kernels, int length) {
        float[] row = new float[length];
        assertThatThrownBy(() -> kernels.normalise(row, 0, 2, length, row, 1e-6, row))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernels.activate(Activation.SILU, row, row, 0, 1, length))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernels.addWeighted(new float[2], row, length, row, 0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> kernels.dot(row, 1, row, 0, length)).isInstanceOf(IndexOutOfBoundsException.class);
    }

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
    @MethodSource("kernelsAndLengths")
    void rowsAreNormalisedLikeTheEquation(RowKernels kernels, int width) {
        float[] input = gaussian(3 * width, 1);
        float[] weight = gaussian(width, 2);
        float[] output = new float[3 * width];
        kernels.normalise(input, 0, 3, width, weight, 1e-5, output);
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
        kernels.normalise(input, 2, 1, width, weight, 1e-5, one);
        assertThat(Arrays.copyOfRange(one, 2 * width, 3 * width))
                .isEqualTo(Arrays.copyOfRange(output, 2 * width, 3 * width));
        kernels.normalise(input, 0, 3, width, weight, 1e-5, input);
        assertThat(input).isEqualTo(output);
    }

    @ParameterizedTest
    @MethodSource("kernelsAndLengths")
    void gatesAreLikeTheEquation(RowKernels kernels, int inner) {
        float[] gateAndUp = gaussian(2 * 2 * inner, 3);
        gateAndUp[0] = -120;
        for (Activation activation : Activation.values()) {
            float[] output = new float[2 * inner];
            kernels.activate(activation, gateAndUp, output, 0, 2, inner);
            for (int row = 0; row < 2; row++) {
                for (int i = 0; i < inner; i++) {
                    double gate = gateAndUp[row * 2 * inner + i];
                    double expected = activated(activation, gate) * gateAndUp[row * 2 * inner + inner + i];
                    assertThat((double) output[row * inner + i])
                            .isCloseTo(expected, within(5e-7 * (1 + Math.abs(expected))));
                }
            }
            float[] one = new float[2 * inner];
            kernels.activate(activation, gateAndUp, one, 1, 1, inner);
            assertThat(Arrays.copyOfRange(one, inner, 2 * inner))
                    .isEqualTo(Arrays.copyOfRange(output, inner, 2 * inner));
        }
    }

    private static double activated(Activation activation, double x) {
        return switch (activation) {
            case SILU -> x / (1 + Math.exp(-x));
            case GELU -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 200})
    void softmaxIsLikeTheEquation(int count) {
        float[] scores = gaussian(count + 2, 4);
        float[] original = scores.clone();
        float[] sums = new float[3];
        Softmax.inPlace(scores, 1, count, 0.125f, sums, 1);
        double sum = 0;
        for (int i = 1; i <= count; i++) {
            sum += Math.exp(0.125 * original[i]);
        }
        for (int i = 1; i <= count; i++) {
            assertThat((double) scores[i]).isCloseTo(Math.exp(0.125 * original[i]) / sum, within(1e-6));
        }
        assertThat(sums[2] * Math.exp(sums[1])).isCloseTo(sum, within(1e-6 * sum));
        assertThat(scores[0]).isEqualTo(original[0]);
        assertThat(scores[count + 1]).isEqualTo(original[count + 1]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 17, 200})
    void boundedNumbersAreLikeTheEquation(int count) {
        float[] numbers = gaussian(count + 2, 7);
        numbers[1] = 1e30f;
        float[] original = numbers.clone();
        SoftCap.inPlace(numbers, 1, count, 9, 5);
        for (int i = 1; i <= count; i++) {
            assertThat((double) numbers[i]).isCloseTo(5 * Math.tanh(9.0 * original[i] / 5), within(2e-6));
        }
        assertThat(numbers[0]).isEqualTo(original[0]);
        assertThat(numbers[count + 1]).isEqualTo(original[count + 1]);
        numbers[1] = Float.NaN;
        SoftCap.inPlace(numbers, 1, 1, 1, 5);
        assertThat(numbers[1]).isNaN();
    }

    @ParameterizedTest
    @MethodSource("kernelsAndLengths")
    void passesOverLogitsAreLikeThePlainLoops(RowKernels kernels, int length) {
        int vocabulary = length == 960 ? 5_000 : length;
        float[] logits = gaussian(vocabulary, 8);
        logits[vocabulary / 2] = 9;
        logits[vocabulary - 1] = 9;
        if (vocabulary > 20) {
            logits[3] = Float.NEGATIVE_INFINITY;
        }
        assertThat(kernels.largest(logits)).isEqualTo(9);
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - 9.0);
        }
        assertThat(kernels.exponentialSum(logits, 9)).isCloseTo(sum, within(2e-7 * sum));
        logits[0] = Float.NaN;
        assertThat(kernels.largest(logits)).isNaN();
    }

    @Test
    void softmaxOfFarApartScoresIsOneAndNothing() {
        float[] scores = {-1e4f, 3000, -500};
        Softmax.inPlace(scores, 0, 3, 1, new float[2], 0);
        assertThat(scores[1]).isOne();
        assertThat(scores[0]).isLessThan(1e-37f);
    }

    @ParameterizedTest
    @MethodSource("kernelsAndLengths")
    void stretchesAreMultiplied(RowKernels kernels, int count) {
        float[] a = gaussian(count + 3, 5);
        float[] b = gaussian(count + 7, 6);
        double sum = 0;
        double size = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[3 + i] * b[7 + i];
            size += Math.abs((double) a[3 + i] * b[7 + i]);
        }
        assertThat((double) kernels.dot(a, 3, b, 7, count)).isCloseTo(sum, within(3e-7 * size + 1e-30));
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
