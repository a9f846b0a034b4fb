package dev.saiki.convert.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SentencePieceFileTest {

    @Test
    void piecesBecomeATokenizer() {
        PieceVocabulary vocabulary = SentencePieceFile.parse(SampleFile.of(2, false), "t.model");
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
        assertThatThrownBy(() -> SentencePieceFile.parse(SampleFile.of(1, false), "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessage("t.model: the kind of the model must be BPE, got unigram");
        assertThatThrownBy(() -> SentencePieceFile.parse(SampleFile.of(2, true), "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("extra spaces");
        byte[] plain = SampleFile.of(2, false);
        byte[] trainer = {2 << 3 | 2, 3, (byte) 0xC0, 1, 1};
        byte[] suffixed = Arrays.copyOf(plain, plain.length + trainer.length);
        System.arraycopy(trainer, 0, suffixed, plain.length, trainer.length);
        assertThatThrownBy(() -> SentencePieceFile.parse(suffixed, "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessage("t.model: treat_whitespace_as_suffix is not supported");
    }

    @Test
    void mutatedFilesAreReadOrRefused() {
        byte[] valid = SampleFile.of(2, false);
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

    @Test
    void aVocabularyOfEveryBeginningOfALongTextIsRefused() {
        List<Piece> pieces = IntStream.rangeClosed(1, 1000)
                .mapToObj(length -> new Piece("a".repeat(length), -length, Piece.Kind.NORMAL))
                .toList();
        PieceVocabulary vocabulary = new PieceVocabulary(pieces, true, OptionalInt.empty());
        assertThatThrownBy(() -> vocabulary.tokenizerJson("t.model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("t.model: vocabulary too costly to convert: the splits of its tokens exceed");
    }
}
