package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LabelConstraintTest {

    private static final long SEED = 20261125;
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode LOUD = JSON.readTree("{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":"
            + "\"boolean\"}},\"required\":[\"loud\"],\"additionalProperties\":false}");
    private static final JsonNode NOTHING =
            JSON.readTree("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    private static final Grammar GRAMMAR = grammar();

    private static Grammar grammar() {
        Map<String, JsonForm> schemas = new LinkedHashMap<>();
        schemas.put("say ", new JsonForm(LOUD, true));
        schemas.put("save ", new JsonForm(NOTHING, true));
        schemas.put("é ", new JsonForm(NOTHING, true));
        return TextConstraint.textOrLabelledJson(schemas).grammar();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "yes",
                " yes, {x} and say {\"loud\": 1}",
                "s",
                "say",
                " say ",
                "say it",
                "say  {\"loud\": 7}",
                "  say {\"loud\": 7}",
                "says {",
                "Say {",
                "say\n{",
                "save{",
                "{}",
                "say {\"loud\": true}",
                " say {\"loud\": false}",
                "save {}",
                "é {}",
                "\u0000\ud83d\udc0b"
            })
    void anyTextMayBeWrittenAndEveryCallThatIsOne(String text) {
        assertThat(Walks.matches(GRAMMAR, text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "say {",
                " say {\"loud\": 1}",
                "say {}",
                "say {\"loud\": true} and more",
                "say {\"loud\": true}\n",
                "save {\"loud\": true}",
                " save { }",
                "é {x"
            })
    void whatBeginsAsACallIsOne(String text) {
        assertThat(Walks.matches(GRAMMAR, text)).isFalse();
    }

    @Test
    void aCallEndsByItselfAndATextDoesNot() {
        ByteAutomaton automaton = new ByteAutomaton(GRAMMAR);
        int state = automaton.start();
        for (byte value : " save {}".getBytes(StandardCharsets.UTF_8)) {
            assertThat(automaton.mustEnd(state)).isFalse();
            state = automaton.next(state, value & 0xFF);
        }
        assertThat(automaton.mustEnd(state)).isTrue();
    }

    @Test
    void walksEndAsTextsOrAsWholeCalls() {
        Random random = new Random(SEED);
        for (int i = 0; i < 500; i++) {
            Walks.random(GRAMMAR, random).ifPresent(bytes -> {
                String text = new String(bytes, StandardCharsets.UTF_8);
                if (text.matches("(?s) ?(say|save|é) \\{.*")) {
                    assertThat(JSON.readTree(text.substring(text.indexOf('{'))).isObject())
                            .as("seed %d", SEED)
                            .isTrue();
                }
            });
        }
    }
}
