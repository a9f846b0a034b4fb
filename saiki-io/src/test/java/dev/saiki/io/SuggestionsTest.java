package dev.saiki.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void namesThatAreAllNearAreNoSuggestion() {
        List<String> shells = List.of("bash", "zsh", "fish");
        assertThat(Suggestions.didYouMean("tcsh", shells)).isEmpty();
        assertThat(Suggestions.hint("tcsh", shells)).isEqualTo("; known are bash, fish, zsh");
        assertThat(Suggestions.didYouMean("fihs", shells)).isEqualTo("; did you mean fish?");
    }

    @Test
    void aPathThatIsMissingIsHeldAgainstItsNeighbours(@TempDir Path folder) throws IOException {
        Files.createFile(folder.resolve("corpus.txt"));
        assertThat(Suggestions.forMissing(folder.resolve("coprus.txt")))
                .isEqualTo("; did you mean " + folder.resolve("corpus.txt") + "?");
        assertThat(Suggestions.forMissing(folder.resolve("something else"))).isEmpty();
        Files.createDirectory(folder.resolve("home"));
        assertThat(Suggestions.forMissing(folder.resolve("nope"))).isEmpty();
        assertThat(Suggestions.forMissing(Path.of("nothing of this kind")))
                .isEqualTo("; relative paths start at " + Path.of("").toAbsolutePath());
    }
}
