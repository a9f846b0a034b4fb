package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.corpus.ChatExample;
import dev.saiki.text.corpus.ConversationFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The conversations in `examples` equal their generator's output.
class StoryChatsTest {

    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Path TAUGHT = EXAMPLES.resolve(StoryChats.TAUGHT);
    private static final Path HELD_OUT = EXAMPLES.resolve(StoryChats.HELD_OUT);

    @Test
    void theFilesHoldWhatTheGeneratorMakes() throws IOException {
        assertThat(List.of(Files.readAllLines(TAUGHT), Files.readAllLines(HELD_OUT)))
                .isEqualTo(StoryChats.files());
    }

    @Test
    void noHeldOutStoryHasATitleThatIsTaught() {
        assertThat(titles(HELD_OUT)).hasSizeGreaterThan(100).doesNotContainAnyElementsOf(titles(TAUGHT));
    }

    private static Set<String> titles(Path file) {
        return ConversationFiles.read(file).stream()
                .flatMap(example -> example.answers().stream().map(answer -> content(example, answer)))
                .map(content -> content.lines().findFirst().orElseThrow())
                .collect(Collectors.toSet());
    }

    private static String content(ChatExample example, int message) {
        return example.messages().path(message).path("content").stringValue();
    }
}
