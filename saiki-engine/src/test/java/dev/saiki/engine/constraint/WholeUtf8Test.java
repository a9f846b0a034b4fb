package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WholeUtf8Test {

    private static final int MANY = 100;

    /// A tokenizer whose tokens are single bytes, parts of characters, several characters, or the end of one
    /// character with the beginning of the next.
    private static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("吾輩は猫である。名前はまだ無い。é😀é😁 どこで生れたか頓と見当がつかぬ。".repeat(20)).iterator(), 400);

    private static final WholeUtf8 WHOLE = new WholeUtf8(TOKENIZER);

    /// The bytes after which a text is in each state.
    private static final Map<Utf8State, String> WAYS = Map.of(
            Utf8State.BORDER, "",
            Utf8State.ONE_MORE, "C3",
            Utf8State.TWO_MORE, "E3",
            Utf8State.THREE_MORE, "F1",
            Utf8State.AFTER_E0, "E0",
            Utf8State.AFTER_ED, "ED",
            Utf8State.AFTER_F0, "F0",
            Utf8State.AFTER_F4, "F4");

    /// The bytes that can complete a character, for every restriction on its second byte.
    private static final List<String> ENDS = ends();

    private static List<String> ends() {
        List<String> ends = new ArrayList<>(List.of(""));
        for (String first : List.of("80", "90", "A0")) {
            ends.addAll(List.of(first, first + "80", first + "8080"));
        }
        return ends;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .limit()
                    >= 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static boolean canBecomeUtf8(byte[] bytes) {
        return ENDS.stream().anyMatch(end -> isUtf8(joined(bytes, bytes(end))));
    }

    /// The id of the token for one byte.
    private static int token(int value) {
        return IntStream.range(0, TOKENIZER.vocabSize())
                .filter(id -> TOKENIZER.tokenBytes(id).length == 1 && (TOKENIZER.tokenBytes(id)[0] & 0xFF) == value)
                .findFirst()
                .orElseThrow();
    }

    private static int[] tokens(String hex) {
        return IntStream.range(0, bytes(hex).length)
                .map(i -> token(bytes(hex)[i] & 0xFF))
                .toArray();
    }

    private static Set<Integer> allowed(WholeUtf8Text text, Set<Integer> ends, int left) {
        float[] logits = text.restrict(new float[TOKENIZER.vocabSize() + 2], ends, left);
        return IntStream.range(0, logits.length)
                .filter(id -> logits[id] == 0)
                .boxed()
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource(value = Utf8State.class, mode = EnumSource.Mode.EXCLUDE, names = "BROKEN")
    void theTokensOfEachStateAreThoseThatADecoderTakesOneByOne(Utf8State state) {
        byte[] way = bytes(WAYS.getOrDefault(state, ""));
        assertThat(Utf8State.BORDER.next(way)).isEqualTo(state);
        Set<Integer> allowed = allowed(WHOLE.after(tokens(WAYS.getOrDefault(state, ""))), Set.of(), MANY);
        for (int id = 0; id < TOKENIZER.vocabSize(); id++) {
            assertThat(allowed.contains(id))
                    .as("token %d, %s", id, HexFormat.of().formatHex(TOKENIZER.tokenBytes(id)))
                    .isEqualTo(canBecomeUtf8(joined(way, TOKENIZER.tokenBytes(id))));
        }
        assertThat(allowed.contains(TOKENIZER.vocabSize())).isEqualTo(state == Utf8State.BORDER);
    }

    @Test
    void allPairsOfBytesAreJudgedAsADecoderDoes() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                byte[] two = {(byte) first, (byte) second};
                assertThat(Utf8State.BORDER.next(two) != Utf8State.BROKEN)
                        .as("%02X %02X", first, second)
                        .isEqualTo(canBecomeUtf8(two));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"C080", "C1BF", "E080", "E09F", "EDA0", "EDBF", "F080", "F08F", "F490", "F5", "FF", "80", "E341"
            })
    void overlongFormsSurrogatesAndWhatIsBeyondUnicodeAreRefused(String hex) {
        assertThat(Utf8State.BORDER.next(bytes(hex))).isEqualTo(Utf8State.BROKEN);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "3, 3", "9, 3"})
    void aCharacterIsNotBegunThatCannotBeEndedWithTheTokensThatAreLeft(int left, int most) {
        // With one token for each byte, the number of tokens that a character needs is known.
        WholeUtf8 bytes =
                new WholeUtf8(BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY));
        Set<Integer> allowed = allowed(bytes.after(new int[] {token('a')}), Set.of(), left);
        assertThat(allowed).contains(token('b'), TOKENIZER.endOfTextId());
        assertThat(allowed.contains(token(0xC3))).isEqualTo(most >= 1);
        assertThat(allowed.contains(token(0xE3))).isEqualTo(most >= 2);
        assertThat(allowed.contains(token(0xF1))).isEqualTo(most >= 3);
    }

    @Test
    void aTokenThatEndsACharacterAtOnceMakesItShorter() {
        int rest = IntStream.range(0, TOKENIZER.vocabSize())
                .filter(id -> Utf8State.TWO_MORE.next(TOKENIZER.tokenBytes(id)) == Utf8State.BORDER)
                .findFirst()
                .orElseThrow();
        assertThat(allowed(WHOLE.after(new int[] {token('a')}), Set.of(), 1)).contains(token(0xE3));
        assertThat(allowed(WHOLE.after(tokens("E3")), Set.of(), 0))
                .contains(rest)
                .doesNotContain(token(0x81));
    }

    @Test
    void specialTokensAndEndsComeAtTheBorderOfACharacterOnly() {
        Set<Integer> ends = Set.of(token(0x81), token('x'));
        Set<Integer> border = allowed(WHOLE.after(TOKENIZER.encode("猫")), ends, 0);
        assertThat(border).contains(TOKENIZER.endOfTextId()).containsAll(ends).doesNotContain(token(0x82));
        Set<Integer> inside = allowed(WHOLE.after(tokens("E7")), ends, MANY);
        assertThat(inside)
                .contains(token(0x82))
                .doesNotContainAnyElementsOf(ends)
                .doesNotContain(TOKENIZER.endOfTextId());
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "61, ''",
        "61E7, E7",
        "E78C, E78C",
        "E78CAB, ''",
        "F09F98, F09F98",
        "F09F9880, ''",
        "C3E7, E7",
        "E0808080, ''",
        "E7F0, F0",
        "808080, ''",
        "EDA0, ''"
    })
    void aPromptMayEndWithinACharacter(String prompt, String unfinished) {
        WholeUtf8Text text = WHOLE.after(tokens(prompt));
        assertThat(text.unfinished()).isEqualTo(bytes(unfinished));
        assertThat(allowed(text, Set.of(), MANY).contains(TOKENIZER.endOfTextId()))
                .isEqualTo(unfinished.isEmpty());
    }

    @Test
    void whatIsLeftOfACharacterMayComeEvenIfItCannotBeEnded() {
        WholeUtf8Text text = WHOLE.after(tokens("F1"));
        assertThat(allowed(text, Set.of(), 0)).isEqualTo(allowed(text, Set.of(), MANY));
    }

    @Test
    void whereNothingIsValidAnythingMayComeAndTheTextGoesOnBehindIt() {
        float[] one = new float[TOKENIZER.vocabSize()];
        Arrays.fill(one, Float.NEGATIVE_INFINITY);
        one[token('a')] = 1;
        WholeUtf8Text text = WHOLE.after(tokens("E7"));
        assertThat(text.restrict(one, Set.of(), MANY)).isEqualTo(one);
        text.take(token('a'));
        assertThat(allowed(text, Set.of(), MANY)).contains(token('b')).doesNotContain(token(0x8C));
        text.take(token(0xE7));
        assertThat(allowed(text, Set.of(), MANY)).contains(token(0x8C)).doesNotContain(token('b'));
    }

    @Test
    void logitsThatAreNotFiniteAreLeftToTheSampler() {
        float[] logits = new float[TOKENIZER.vocabSize()];
        logits[token(0x80)] = Float.NaN;
        assertThat(WHOLE.after(new int[] {token('a')}).restrict(logits, Set.of(), MANY))
                .isSameAs(logits);
    }

    @Test
    void logitsThatAreLeftAreUnchangedAndTheModelsOwnStay() {
        float[] logits = new float[TOKENIZER.vocabSize()];
        for (int id = 0; id < logits.length; id++) {
            logits[id] = id;
        }
        float[] given = logits.clone();
        float[] restricted = WHOLE.after(tokens("E7")).restrict(logits, Set.of(), MANY);
        assertThat(logits).isEqualTo(given);
        for (int id = 0; id < logits.length; id++) {
            assertThat(restricted[id]).isIn(logits[id], Float.NEGATIVE_INFINITY);
        }
    }
}
