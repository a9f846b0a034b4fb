package dev.saiki.convert.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    void extraSpacesAreRemovedIfTheModelWasTrainedSo() {
        for (int type : List.of(1, 2)) {
            byte[] json = SentencePieceFile.parse(SampleFile.of(type, true), "t.model")
                    .tokenizerJson("t.model");
            Tokenizer tokenizer = Tokenizer.parse(json, "t.model");
            assertThat(tokenizer.encode("  ab   ab ")).containsExactly(263, 263);
            assertThat(tokenizer.decode(new int[] {263, 263})).isEqualTo("ab ab");
        }
    }

    /// With BPE, SentencePiece takes the longest one first; with Unigram, scores decide.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void spacesThatAUserHasDefinedAreTokensOfText(boolean unigram) {
        List<Piece> pieces = new ArrayList<>(List.of(
                new Piece("<unk>", 0, Piece.Kind.UNKNOWN),
                new Piece("</s>", 0, Piece.Kind.CONTROL),
                new Piece("a", -3, Piece.Kind.NORMAL),
                new Piece("▁a", -2, Piece.Kind.NORMAL),
                new Piece("▁", -4, Piece.Kind.NORMAL)));
        for (int length = 2; length <= 5; length++) {
            pieces.add(new Piece("▁".repeat(length), 0, Piece.Kind.USER_DEFINED));
        }
        PieceVocabulary vocabulary =
                new PieceVocabulary(pieces, new PieceVocabulary.Rules(unigram, false, false, ""), OptionalInt.empty());
        Tokenizer tokenizer = Tokenizer.parse(vocabulary.tokenizerJson("t.model"), "t.model");
        assertThat(tokenizer.encode("a" + " ".repeat(7)))
                .containsExactly(unigram ? new int[] {2, 5, 8} : new int[] {2, 8, 5});
        assertThat(tokenizer.encode(" ".repeat(4) + "a a"))
                .containsExactly(unigram ? new int[] {6, 3, 3} : new int[] {7, 2, 3});
    }

    @Test
    void whatCannotBeHonouredIsRefusedByName() {
        assertThatThrownBy(() -> SentencePieceFile.parse(SampleFile.of(3, false), "t.model"))
                .isInstanceOf(InputException.class)
                .hasMessage("t.model: the type of the model must be Unigram or BPE, got another");
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
        PieceVocabulary vocabulary =
                new PieceVocabulary(pieces, PieceVocabulary.Rules.plain(true), OptionalInt.empty());
        assertThatThrownBy(() -> vocabulary.tokenizerJson("t.model"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("t.model: vocabulary too costly to convert: the splits of its tokens exceed");
    }
}
