package dev.saiki.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tests that quantized numbers are widened bit for bit as by llama.cpp, whose numbers are in `golden/gguf`.
final class BlockDecoderTest {

    private static final Path GOLDEN = Path.of("..", "golden", "gguf");

    private static int[] bits(float[] numbers) {
        int[] bits = new int[numbers.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(numbers[i]);
        }
        return bits;
    }

    @ParameterizedTest
    @ValueSource(strings = {"q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_K", "q5_K", "q6_K"})
    void numbersAreThoseOfLlamaCpp(String type) throws IOException {
        byte[] blocks = Files.readAllBytes(GOLDEN.resolve("blocks." + type));
        ByteBuffer golden = ByteBuffer.wrap(Files.readAllBytes(GOLDEN.resolve("floats." + type)))
                .order(ByteOrder.LITTLE_ENDIAN);
        float[] wanted = new float[golden.remaining() / Float.BYTES];
        golden.asFloatBuffer().get(wanted);
        StoredTensor tensor = new StoredTensor(
                type,
                StoredType.valueOf(type.toUpperCase(Locale.ROOT)),
                List.of((long) wanted.length),
                MemorySegment.ofArray(blocks));
        assertThat(tensor.elementCount()).isEqualTo(wanted.length);
        assertThat(bits(tensor.toFloats())).isEqualTo(bits(wanted));
        float[] got = new float[wanted.length];
        tensor.copyTo(0, got, 0, 2000);
        tensor.copyTo(2000, got, 2000, 3);
        tensor.copyTo(2003, got, 2003, wanted.length - 2003);
        assertThat(bits(got)).as("in parts that do not end with a block").isEqualTo(bits(wanted));
    }

    private static StoredTensor encoded(StoredTensor tensor, BlockEncoder encoder) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        encoder.write(tensor, output);
        return new StoredTensor("x", encoder.type(), tensor.shape(), MemorySegment.ofArray(output.toByteArray()));
    }

    private static StoredTensor vector(float... numbers) {
        return StoredTensor.ofFloats("x", List.of((long) numbers.length), numbers);
    }

    @Test
    void numbersThatAFormatHoldsComeBack() throws IOException {
        Random random = new Random(1);
        float[] numbers = new float[70_016];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = random.nextInt(-127, 128) * 0.25f;
        }
        for (int i = 0; i < numbers.length; i += 32) {
            numbers[i] = 127 * 0.25f;
        }
        for (StoredType type : List.of(StoredType.F32, StoredType.F16, StoredType.BF16, StoredType.Q8_0)) {
            StoredTensor once = encoded(vector(numbers), BlockEncoder.of(type));
            assertThat(once.toFloats()).as(type.name()).isEqualTo(numbers);
            assertThat(encoded(once, BlockEncoder.of(type)).data().mismatch(once.data()))
                    .as("copied")
                    .isNegative();
        }
    }

    @ParameterizedTest
    @CsvSource({"Q4_0, 8", "Q6_0, 32"})
    void fewBitsHoldIntegersTimesAScale(StoredType type, int most) throws IOException {
        Random random = new Random(2);
        float[] numbers = new float[96];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (i % 32 == 7 ? -most : random.nextInt(-most, most)) * 0.375f * (1 + i / 32);
        }
        Arrays.fill(numbers, 64, 96, 0);
        assertThat(encoded(vector(numbers), BlockEncoder.of(type)).toFloats()).isEqualTo(numbers);
    }

    @Test
    void sixBitsLieAsTheFormatSays() throws IOException {
        float[] numbers = new float[32];
        numbers[0] = -32;
        numbers[5] = -9;
        numbers[21] = 20;
        ByteBuffer block = encoded(vector(numbers), BlockEncoder.of(StoredType.Q6_0))
                .data()
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(Float.float16ToFloat(block.getShort(0))).as("scale").isOne();
        assertThat(block.getInt(2))
                .as("fifth bits: 0, 23, 52, and 32 elsewhere")
                .isEqualTo(1 << 5 | 1 << 21);
        assertThat(block.getInt(6)).as("sixth bits").isEqualTo(~(1 | 1 << 5));
        assertThat(block.get(10 + 5)).as("lower bits of 5 and 21").isEqualTo((byte) (4 << 4 | 7));
    }

    private static double error(float[] numbers, float[] others, float[] importance) {
        double error = 0;
        for (int i = 0; i < numbers.length; i++) {
            double difference = numbers[i] - others[i];
            error += importance[i % importance.length] * difference * difference;
        }
        return error;
    }

    @Test
    void importanceMovesTheErrorToNumbersThatMatterLess() throws IOException {
        Random random = new Random(3);
        float[] numbers = new float[64 * 256];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        float[] importance = new float[256];
        for (int i = 0; i < importance.length; i++) {
            importance[i] = (float) Math.exp(3 * random.nextGaussian());
        }
        float[] ones = new float[256];
        Arrays.fill(ones, 1);
        StoredTensor matrix = StoredTensor.ofFloats("x", List.of(64L, 256L), numbers);
        float[] plain = encoded(matrix, BlockEncoder.of(StoredType.Q4_0)).toFloats();
        float[] weighted = encoded(matrix, new BlockEncoder(StoredType.Q4_0, Optional.of(importance)))
                .toFloats();
        assertThat(error(numbers, weighted, importance)).isLessThan(0.7 * error(numbers, plain, importance));
        assertThat(error(numbers, weighted, ones)).isGreaterThan(error(numbers, plain, ones));
    }

    @ParameterizedTest
    @EnumSource(
            value = StoredType.class,
            names = {"F16", "Q8_0", "Q6_0", "Q4_0"})
    void numbersThatAFormatCannotHoldAreRefused(StoredType type) {
        float[] numbers = new float[32];
        numbers[5] = 1e9f;
        assertThatThrownBy(() -> encoded(vector(numbers), BlockEncoder.of(type)))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("tensor x", type.name());
        numbers[5] = Float.NaN;
        if (type.hasBlocks()) {
            assertThatThrownBy(() -> encoded(vector(numbers), BlockEncoder.of(type)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("NaN");
        }
    }

    @Test
    void rowsThatDoNotConsistOfBlocksAreRefused() {
        assertThatThrownBy(() -> StoredTensor.byteCount(StoredType.Q4_K, List.of(256L, 32L)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("multiple of 256", "Q4_K");
        assertThat(StoredTensor.byteCount(StoredType.Q4_K, List.of(3L, 512L))).isEqualTo(3 * 2 * 144);
    }

    @Test
    void bfloat16RoundsToTheNearestAndTiesToEven() {
        assertThat(BFloat16.of(1f)).isEqualTo((short) 0x3F80);
        assertThat(BFloat16.of(Float.intBitsToFloat(0x3F808000))).isEqualTo((short) 0x3F80);
        assertThat(BFloat16.of(Float.intBitsToFloat(0x3F818000))).isEqualTo((short) 0x3F82);
        assertThat(BFloat16.of(Float.intBitsToFloat(0x3F808001))).isEqualTo((short) 0x3F81);
        assertThat(Float.isNaN(Float.intBitsToFloat(BFloat16.of(Float.NaN) << 16)))
                .isTrue();
    }
}
