package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MarkConstraintTest {

    private static final long SEED = 20261127;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode LOUD = JSON.readTree("{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":"
            + "\"boolean\"}},\"required\":[\"loud\"],\"additionalProperties\":false}");
    private static final JsonNode NOTHING =
            JSON.readTree("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    private static final TextConstraint FORM = form("<<c>");

    private static TextConstraint form(String mark) {
        Map<String, JsonForm> schemas = new LinkedHashMap<>();
        schemas.put("say ", new JsonForm(LOUD, true));
        schemas.put("stay ", new JsonForm(NOTHING, true));
        return TextConstraint.textWithMarkedJson(mark, schemas, "</c>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yes",
                "<",
                "<<",
                "<<<",
                "<<c",
                "<<x<<c",
                "say {\"loud\": 1}",
                "<<c>say {\"loud\": true}</c>",
                "I say: <<<c>say {\"loud\": false}</c> and <<c>stay {}</c><<c>stay {}</c>.",
                "é\n<<c>stay {}</c>\n<"
            })
    void anyTextMayBeWrittenAndBehindMarksEveryCallThatIsOne(String text) {
        assertThat(Walks.matches(FORM.grammar(), text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<<c>",
                "<<<c>",
                "<<c> say {\"loud\": true}</c>",
                "<<c>say {\"loud\": 1}</c>",
                "<<c>say {\"loud\": true}",
                "<<c>stay {\"loud\": true}</c>",
                "<<c>stay {}</c><<c>",
                "a <<c>stay {}<</c>"
            })
    void nothingElseFollowsAMark(String text) {
        assertThat(Walks.matches(FORM.grammar(), text)).isFalse();
    }

    @Test
    void randomTextsWithoutTheMarkAreAllowed() {
        Random random = new Random(SEED);
        Grammar grammar = form("abacab").grammar();
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                text.append((char) ('a' + random.nextInt(3)));
            }
            boolean hasMark = text.indexOf("abacab") >= 0;
            assertThat(Walks.matches(grammar, text.toString()))
                    .as(text.toString())
                    .isEqualTo(!hasMark);
        }
    }

    /// Only the requested added tokens may be generated.
    @Test
    void tokensThatAreAskedForMayBeWritten() {
        Tokenizer bytes = BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
        String end = bytes.tokenText(bytes.endOfTextId());
        assertThat(FORM.addedTokens()).isEmpty();
        TextConstraint form = FORM.writing(Set.of(end, "no such token"));
        assertThat(form.addedTokens()).contains(end);
        TokenTrie without = new TokenTrie(bytes, Set.of());
        TokenTrie with = new TokenTrie(bytes, Set.of(bytes.endOfTextId()));
        ByteAutomaton automaton = new ByteAutomaton(form.grammar());
        int start = automaton.start();
        int id = bytes.endOfTextId();
        assertThat(without.allowed(automaton, start)[id >> 6] >>> id & 1).isZero();
        assertThat(with.allowed(automaton, start)[id >> 6] >>> id & 1).isOne();
    }
}
