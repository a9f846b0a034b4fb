package dev.saiki.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuggestionsTest {

    private static final List<String> KNOWN = List.of("hidden_size", "vocab_size", "num_recursions");

    @Test
    void nearNameIsSuggested() {
        assertThat(Suggestions.hint("hiden_size", KNOWN)).isEqualTo("; did you mean hidden_size?");
    }

    @Test
    void farNameListsWhatIsKnown() {
        assertThat(Suggestions.hint("zzz", KNOWN)).isEqualTo("; known are hidden_size, num_recursions, vocab_size");
    }
}
