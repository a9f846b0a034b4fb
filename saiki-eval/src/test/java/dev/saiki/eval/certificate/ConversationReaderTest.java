package dev.saiki.eval.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.chat.PlainEncoder;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationReaderTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @TempDir
    private Path folder;

    private List<ScoredConversation> read(int context, String... lines) throws IOException {
        Path file = Files.writeString(folder.resolve("prompts.jsonl"), String.join("\n", lines));
        return new ConversationReader(new PlainEncoder(BYTES), BYTES, context).read(List.of(file));
    }

    private static String scored(Continuation part) {
        return BYTES.decode(Arrays.copyOfRange(part.ids(), part.firstScored(), part.ids().length));
    }

    private static String context(Continuation part) {
        return BYTES.decode(Arrays.copyOf(part.ids(), part.firstScored()));
    }

    @Test
    void eachAnswerIsScoredAfterAllThatWasSaidBefore() throws IOException {
        List<ScoredConversation> all = read(100, """
                {"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes"},\
                {"role":"user","content":"So?"},{"role":"assistant","content":"No"}]}""");
        assertThat(all).hasSize(1);
        assertThat(all.getFirst().parts())
                .extracting(ConversationReaderTest::scored)
                .containsExactly(" Yes", " No");
        assertThat(context(all.getFirst().parts().getLast()))
                .endsWith("User: Hi\nAssistant: Yes\nUser: So?\nAssistant:");
        assertThat(all.getFirst().scored()).isEqualTo(7);
    }

    @Test
    void whatIsTooLongLosesItsBeginning() throws IOException {
        Continuation part = read(
                        10,
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"a long question\"},"
                                + "{\"role\":\"assistant\",\"content\":\"Yes\"}]}")
                .getFirst()
                .parts()
                .getFirst();
        assertThat(part.numRead()).isEqualTo(10);
        assertThat(scored(part)).isEqualTo(" Yes");
    }

    @Test
    void documentsAndQuestionsAreScoredWholeAndEqualOnesCountEachTime() throws IOException {
        List<ScoredConversation> all = read(
                8,
                "{\"text\":\"abcdefghijkl\"}",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                "{\"text\":\"abcdefghijkl\"}");
        assertThat(all).hasSize(3);
        assertThat(all.getLast().ids()).isEqualTo(all.getFirst().ids());
        assertThat(all.getFirst().parts())
                .extracting(ConversationReaderTest::scored)
                .containsExactly("abcdefgh", "ijkl");
        assertThat(all.get(1).scored()).isEqualTo("User: Hi\nAssistant:".length());
    }

    @Test
    void rowsThatAreNeitherAreNamed() {
        assertThatThrownBy(() -> read(8, "{\"text\":\"a\"}", "{\"messages\":\"a\"}"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("prompts.jsonl:2: column 'messages' must be a list of objects");
        assertThatThrownBy(() -> read(8, "{\"prompt\":\"a\"}")).hasMessageContaining("no column 'text'");
        assertThatThrownBy(() -> read(8, "{\"messages\":[{\"role\":\"boss\",\"content\":\"a\"}]}"))
                .hasMessageContaining("role must be system, user, assistant or tool, got boss");
    }
}
