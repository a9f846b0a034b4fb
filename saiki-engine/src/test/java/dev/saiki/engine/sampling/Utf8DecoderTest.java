package dev.saiki.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8DecoderTest {

    @Test
    void codePointsWaitUntilTheyAreWhole() {
        Utf8Decoder stream = new Utf8Decoder();
        byte[] rocket = "🚀".getBytes(StandardCharsets.UTF_8);
        assertThat(stream.take(new byte[] {'a', rocket[0]})).isEqualTo("a");
        assertThat(stream.take(new byte[] {rocket[1], rocket[2]})).isEmpty();
        assertThat(stream.take(new byte[] {rocket[3], 'b'})).isEqualTo("🚀b");
    }

    @Test
    void bytesThatCannotBecomeACodePointAreReplacedAtOnce() {
        Utf8Decoder stream = new Utf8Decoder();
        assertThat(stream.take(new byte[] {(byte) 0xFF, 'a'})).isEqualTo("\uFFFDa");
        assertThat(stream.take(new byte[] {(byte) 0xE2, (byte) 0x82})).isEmpty();
        assertThat(stream.take(new byte[] {'b'})).isEqualTo("\uFFFDb");
    }

    @Test
    void anySplitOfValidTextGivesTheTextBack() {
        String text = "Größe, 再帰, 🚀 and é\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long seed = 9;
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            Utf8Decoder stream = new Utf8Decoder();
            StringBuilder joined = new StringBuilder();
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + random.nextInt(4));
                String piece = stream.take(java.util.Arrays.copyOfRange(bytes, from, to));
                assertThat(piece.codePoints()).as("seed %d", seed).noneMatch(Utf8DecoderTest::isHalf);
                joined.append(piece);
                from = to;
            }
            assertThat(joined).as("seed %d, round %d", seed, round).hasToString(text);
        }
    }

    private static boolean isHalf(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }
}
