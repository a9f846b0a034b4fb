package dev.saiki.convert.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        GgufTensor tensor = new GgufTensor(
                type,
                GgufType.valueOf(type.toUpperCase(Locale.ROOT)),
                List.of((long) wanted.length),
                MemorySegment.ofArray(blocks));
        float[] got = new float[wanted.length];
        BlockDecoder decoder = new BlockDecoder(tensor);
        decoder.copyTo(0, got, 2048);
        float[] rest = new float[got.length - 2048];
        decoder.copyTo(2048, rest, rest.length);
        System.arraycopy(rest, 0, got, 2048, rest.length);
        assertThat(bits(got)).isEqualTo(bits(wanted));
    }

    private static byte[] encoded(float[] numbers, GgufType type) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        new BlockEncoder(StoredTensor.ofFloats("x", List.of((long) numbers.length), numbers), type).writeTo(output);
        return output.toByteArray();
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
        for (GgufType type : List.of(GgufType.F32, GgufType.F16, GgufType.BF16, GgufType.Q8_0)) {
            byte[] bytes = encoded(numbers, type);
            GgufTensor tensor = new GgufTensor("x", type, List.of((long) numbers.length), MemorySegment.ofArray(bytes));
            float[] back = new float[numbers.length];
            new BlockDecoder(tensor).copyTo(0, back, back.length);
            assertThat(back).as(type.name()).isEqualTo(numbers);
        }
    }

    @Test
    void bfloat16RoundsToTheNearestAndTiesToEven() {
        assertThat(BlockEncoder.bfloat16(1f)).isEqualTo((short) 0x3F80);
        assertThat(BlockEncoder.bfloat16(Float.intBitsToFloat(0x3F808000))).isEqualTo((short) 0x3F80);
        assertThat(BlockEncoder.bfloat16(Float.intBitsToFloat(0x3F818000))).isEqualTo((short) 0x3F82);
        assertThat(BlockEncoder.bfloat16(Float.intBitsToFloat(0x3F808001))).isEqualTo((short) 0x3F81);
        assertThat(Float.isNaN(Float.intBitsToFloat(BlockEncoder.bfloat16(Float.NaN) << 16)))
                .isTrue();
    }
}
