package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class TokenTrieTest {

    private static final long SEED = 20261127;
    private static final Tokenizer TOKENIZER = BytePairTrainer.train(
            List.of("{\"name\": \"né 😀\", \"age\": 12, \"tags\": [true, false, null]} ".repeat(50))
                    .iterator(),
            320);

    @Test
    void findsTheTokensThatOneByOneWouldBeAllowed() {
        Grammar grammar =
                TextConstraint.jsonSchema(new JsonMapper().readTree("""
                {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"},
                 "tags":{"type":"array","items":{"type":["boolean","null"]}}},"required":["name","age","tags"]}""")).grammar();
        TokenTrie trie = new TokenTrie(TOKENIZER, Set.of());
        ByteAutomaton automaton = new ByteAutomaton(grammar);
        Random random = new Random(SEED);
        int state = automaton.start();
        int steps = 0;
        while (!automaton.mustEnd(state) && steps < 500) {
            long[] allowed = trie.allowed(automaton, state);
            int[] may = new int[TOKENIZER.vocabSize()];
            int count = 0;
            for (int id = 0; id < TOKENIZER.vocabSize(); id++) {
                boolean alone = TOKENIZER.isText(id) && after(automaton, state, id) != ByteAutomaton.DEAD;
                assertThat((allowed[id >> 6] >>> id & 1) != 0)
                        .as("seed %d, step %d, token %d", SEED, steps, id)
                        .isEqualTo(alone);
                if (alone) {
                    may[count++] = id;
                }
            }
            state = after(automaton, state, may[random.nextInt(count)]);
            steps++;
        }
        assertThat(steps).isGreaterThan(5);
    }

    private static int after(ByteAutomaton automaton, int state, int id) {
        int reached = state;
        for (byte value : TOKENIZER.tokenBytes(id)) {
            reached = automaton.next(reached, value & 0xFF);
            if (reached == ByteAutomaton.DEAD) {
                return reached;
            }
        }
        return reached;
    }

    @Test
    void theEndOfTextIsNoText() {
        assertThat(TOKENIZER.isText(TOKENIZER.endOfTextId())).isFalse();
        assertThat(TOKENIZER.isText(TOKENIZER.vocabSize())).isFalse();
        assertThat(TOKENIZER.isText(1)).isTrue();
    }
}
