package dev.saiki.convert.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SentencePieceFileTest {

    private static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        output.write(number << 3 | 2);
        output.write(content.length);
        output.writeBytes(content);
        return output.toByteArray();
    }

    private static byte[] number(int number, int value) {
        return new byte[] {(byte) (number << 3), (byte) value};
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(output::writeBytes);
        return output.toByteArray();
    }

    private static byte[] piece(String text, float score, int kind) {
        byte[] bits = ByteBuffer.allocate(5)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) (2 << 3 | 5))
                .putFloat(score)
                .array();
        return field(1, join(field(1, text.getBytes(StandardCharsets.UTF_8)), bits, number(3, kind)));
    }

    private static byte[] model(int kind, boolean removesSpaces) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        output.writeBytes(piece("<unk>", 0, 2));
        output.writeBytes(piece("<s>", 0, 3));
        output.writeBytes(piece("</s>", 0, 3));
        for (int value = 0; value < 256; value++) {
            output.writeBytes(piece("<0x%02X>".formatted(value), 0, 6));
        }
        for (String text : List.of("▁", "a", "b", "ab", "▁ab")) {
            output.writeBytes(piece(text, text.length() == 1 ? -9 : -text.length(), 1));
        }
        output.writeBytes(field(2, number(3, kind)));
        output.writeBytes(field(3, number(4, removesSpaces ? 1 : 0)));
        return output.toByteArray();
    }

    @Test
    void piecesBecomeATokenizer() {
        PieceVocabulary vocabulary = SentencePieceFile.parse(model(2, false), "t.model");
        assertThat(vocabulary.pieces()).hasSize(264);
        assertThat(vocabulary.begin()).hasValue(1);
        Tokenizer tokenizer = Tokenizer.parse(vocabulary.tokenizerJson("t.model"), "t.model");
        assertThat(tokenizer.encode("ab")).containsExactly(263);
        assertThat(tokenizer.encode("abab")).containsExactly(263, 262);
        assertThat(tokenizer.encode("é")).containsExactly(259, 3 + 0xC3, 3 + 0xA9);
        assertThat(tokenizer.decode(tokenizer.encode(" abé\n"))).isEqualTo(" abé\n");
        assertThat(tokenizer.encodePrompt("ab")).containsExactly(1, 263);
    }

    @Test
    void whatCannotBeHonouredIsRefusedByName() {
        assertThatThrownBy(() -> SentencePieceFile.parse(model(1, false), "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessage("t.model: the kind of the model must be BPE, got unigram");
        assertThatThrownBy(() -> SentencePieceFile.parse(model(2, true), "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("extra spaces");
    }

    @Test
    void mutatedFilesAreReadOrRefused() {
        byte[] valid = model(2, false);
        int read = 0;
        for (long seed = 0; seed < 5_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = random.nextInt(10) == 0 ? Arrays.copyOf(valid, random.nextInt(valid.length)) : valid.clone();
            for (int change = random.nextInt(3); change >= 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            read += survives(bytes, seed) ? 1 : 0;
        }
        assertThat(read).as("some mutations are harmless").isBetween(1, 4_999);
    }

    private static boolean survives(byte[] bytes, long seed) {
        try {
            Tokenizer.parse(SentencePieceFile.parse(bytes, "t.model").tokenizerJson("t.model"), "t.model");
            return true;
        } catch (InputException refused) {
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed + " broke the reader", e);
        }
    }
}
