package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Tests of forms designed to cost as much time, memory or stack as possible. Each form is rejected, or its answer
/// fails at some token with a message, and the memory kept for accepted forms stays bounded.
class HostileFormsTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("aaaaaaaa abab baba [[[[ [1] ".repeat(30)).iterator(), BytePairTrainer.SMALLEST_VOCABULARY + 30);
    private static final TokenTrie TRIE = new TokenTrie(TOKENIZER, Set.of());

    /// Two kinds of arrays that begin alike, so that every bracket doubles the ways to read a text.
    private static final String DOUBLING = """
        {"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"}},{"type":"null"}]}\
        """;

    private static TextConstraint schema(String schema) {
        return TextConstraint.jsonSchema(JSON.readTree(schema));
    }

    private static ConstraintState begin(TextConstraint form) {
        return form.begin(TOKENIZER, TRIE);
    }

    private static boolean mayCome(ConstraintState text, int id) {
        return Float.isFinite(text.restrict(new float[TOKENIZER.vocabSize()], Set.of())[id]);
    }

    /// Writes letters for as long as the form allows them.
    private static void write(ConstraintState text, IntStream letters) {
        letters.map(letter -> TOKENIZER.encode(Character.toString(letter))[0])
                .takeWhile(id -> mayCome(text, id))
                .forEach(text::take);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1,1000}){1,1000}",
                "((a{1,100}){1,100}){1,100}",
                "((a{100,}){100,}){100,}",
                "(b|(?:a{0,200}c?)+){300}",
            })
    void countersWithinCountersAreRefused(String expression) {
        assertThatThrownBy(() -> TextConstraint.regex(expression))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("repetitions within repetitions");
        String pattern = JSON.writeValueAsString("^" + expression + "$");
        assertThatThrownBy(() -> schema("{\"type\":\"string\",\"pattern\":" + pattern + "}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("#: pattern")
                .hasMessageContaining("repetitions within repetitions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(\\d{1,3}\\.){3}\\d{1,3}", "(\\w{1,63}\\.){1,127}", "[a-z]{1,10000}", "(ab?){0,5000}c"})
    void countersThatPeopleNeedAreNot(String expression) {
        write(begin(TextConstraint.regex(expression)), "1a".chars());
    }

    @Test
    void aThousandTextsMayBeChosenFrom() {
        Random random = new Random(20261125);
        List<String> texts = random.ints(1000, 1, Integer.MAX_VALUE)
                .mapToObj(number -> Integer.toString(number, 36).repeat(3))
                .toList();
        String chosen = texts.getLast();
        ConstraintState text = begin(TextConstraint.choice(texts));
        write(text, chosen.chars());
        assertThat(text.mustEnd()).isTrue();
    }

    @Test
    void choicesThatMultiplyAreRefused() {
        String two = "{\"anyOf\":[{\"minimum\":1},{\"maximum\":9}]}";
        String all = IntStream.range(0, 30).mapToObj(_ -> two).collect(Collectors.joining(","));
        assertThatThrownBy(() -> schema("{\"allOf\":[" + all + "]}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too many combinations");
    }

    @Test
    void referencesThatMultiplyAreRefused() {
        String places = IntStream.range(0, 12)
                .mapToObj(at -> "\"a%d\":{\"allOf\":[%s]}"
                        .formatted(
                                at,
                                IntStream.range(0, 10)
                                        .mapToObj(_ -> "{\"$ref\":\"#/$defs/a%d\"}".formatted(at + 1))
                                        .collect(Collectors.joining(","))))
                .collect(Collectors.joining(","));
        assertThatThrownBy(() ->
                        schema("{\"$defs\":{" + places + ",\"a12\":{\"type\":\"null\"}},\"$ref\":\"#/$defs/a0\"}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too many combinations");
    }

    @Test
    void manyOptionsOfOneAreComparedOrRefusedSoon() {
        String options = IntStream.range(0, 100_000)
                .mapToObj("{\"const\":%d}"::formatted)
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> schema("{\"oneOf\":[" + options + "]}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too many combinations");
    }

    /// Both patterns count letters, so their intersection would need 25 million pairs of states.
    @Test
    void automataThatMultiplyAreRefusedOrLeftOut() {
        String both = "{\"type\":\"string\",\"allOf\":[{\"pattern\":\"^(a{5003})*$\"},{\"pattern\":\"^(a{5009})*$\"}]}";
        assertThatThrownBy(() -> schema(both))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("12000 states");
        assertThat(TextConstraint.jsonSchema(new JsonForm(JSON.readTree(both), false))
                        .relaxed())
                .containsExactly("pattern");
    }

    @Test
    void whatIsTriedInVainIsTriedAFewTimesOnly() {
        String many = IntStream.range(0, 100)
                .mapToObj(at -> "\"p%d\":{\"multipleOf\":%d}".formatted(at, 10_007 + at))
                .collect(Collectors.joining(","));
        JsonForm form = new JsonForm(JSON.readTree("{\"properties\":{" + many + "}}"), false);
        assertThatThrownBy(() -> TextConstraint.jsonSchema(form))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("like other keywords of this schema");
    }

    @Test
    void namesOfKeywordsThatNobodyWritesAreNotRepeated() {
        String keywords = IntStream.range(0, 100)
                .mapToObj(at -> "\"unknown%d\":1".formatted(at))
                .collect(Collectors.joining(","));
        JsonForm form =
                new JsonForm(JSON.readTree("{\"type\":\"null\",\"a\\r\\nSet-Cookie: b\":1," + keywords + "}"), false);
        assertThat(TextConstraint.jsonSchema(form).relaxed())
                .contains("others")
                .hasSizeLessThanOrEqualTo(21)
                .allMatch(name -> name.matches("[a-z0-9]+"));
    }

    @Test
    void expressionsAndMessagesAboutThemAreBounded() {
        assertThatThrownBy(() -> TextConstraint.regex("a".repeat(100_000)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("more than 16384 characters")
                .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(300));
        assertThatThrownBy(() -> TextConstraint.regex("a".repeat(10_000) + "("))
                .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(300));
    }

    /// One rule can have a million parts.
    @Test
    void partsAreBoundedAsRulesAre() {
        String many = IntStream.range(0, 250_000)
                .mapToObj(i -> "{\"$ref\":\"#/$defs/a\"}")
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> schema("{\"$defs\":{\"a\":{\"type\":\"null\"}},\"anyOf\":[" + many + "]}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("parts");
    }

    /// Before the first token, every part can be skipped, at a depth that would overflow a recursive search.
    @Test
    void aFormOfTooManyWaysIsRefusedBeforeItsFirstToken() {
        assertThatThrownBy(() -> begin(TextConstraint.regex("(?:a?b?){10000}")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too ambiguous");
    }

    @Test
    void readingsThatDoubleAtEveryTokenAreGivenUp() {
        ConstraintState text = begin(schema(DOUBLING));
        assertThatThrownBy(() -> write(text, "[".repeat(64).chars()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too ambiguous");
    }

    /// The automaton must remember which of the last letters were an `a`, so every token leads to new states.
    @Test
    void aTextOfWhichTooMuchMustBeRememberedIsGivenUp() {
        Random random = new Random(20261125);
        String letters =
                random.ints(20_000, 'a', 'c').mapToObj(Character::toString).collect(Collectors.joining());
        Tokenizer manyTokens =
                BytePairTrainer.train(List.of(letters).iterator(), BytePairTrainer.SMALLEST_VOCABULARY + 300);
        ConstraintState text =
                TextConstraint.regex("[ab]*a[ab]{9000}c").begin(manyTokens, new TokenTrie(manyTokens, Set.of()));
        float[] logits = new float[manyTokens.vocabSize()];
        assertThatThrownBy(() -> {
                    for (int at = 0; at < letters.length(); at++) {
                        text.restrict(logits, Set.of());
                        text.take(manyTokens.encode(letters.substring(at, at + 1))[0]);
                    }
                })
                .isInstanceOf(InputException.class)
                .hasMessageContaining("too ambiguous");
    }

    @Test
    void whatIsKeptOfALongTextDoesNotGrow() {
        ByteAutomaton automaton =
                new ByteAutomaton(TextConstraint.regex("[a-z]{0,10000}").grammar());
        int state = automaton.start();
        int times = 0;
        for (int letter = 0; letter < 10_000; letter++) {
            state = automaton.next(state, 'a' + letter % 26);
            automaton.beginToken();
            if (automaton.isFull()) {
                state = automaton.forgetAllBut(state);
                times++;
                assertThat(automaton.isFull()).isFalse();
            }
        }
        assertThat(times).isPositive();
        assertThat(automaton.mustEnd(state)).isTrue();
    }

    @Test
    void whatIsForgottenIsFoundAgain() {
        Grammar grammar = schema("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":true}}}")
                .grammar();
        ByteAutomaton automaton = new ByteAutomaton(grammar);
        int state = automaton.start();
        for (byte value : "{\"a\": [[1, {\"b\": [\"c\"]}], null]}".getBytes(StandardCharsets.UTF_8)) {
            state = automaton.forgetAllBut(automaton.next(state, value & 0xFF));
        }
        assertThat(automaton.mustEnd(state)).isTrue();
    }
}
