package dev.saiki.engine.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TextEmbedding;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTextTest {

    private static final int CONTEXT = 64;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final List<ChatTurn> TURNS = List.of(new ChatTurn(ChatRole.USER, "Who?"));

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT), 3),
                TOKENIZER,
                EngineOptions.builder().threads(1).maxWaiting(32).build());
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void aConversationBecomesARequestThatEndsWhereItsTurnEnds() {
        GenerationRequest request = ChatRequests.to(engine)
                .begin(TURNS, OptionalInt.of(5), List.of("."))
                .build();
        assertThat(TOKENIZER.decode(request.prompt())).isEqualTo("User: Who?\nAssistant:");
        assertThat(request.maxTokens()).isEqualTo(5);
        assertThat(request.ending().texts()).containsExactly(".", "\nUser:");
    }

    @Test
    void withoutALengthTheAnswerMayFillTheContext() {
        GenerationRequest request = ChatRequests.to(engine)
                .begin(TURNS, OptionalInt.empty(), List.of())
                .build();
        assertThat(request.prompt().length + request.maxTokens()).isEqualTo(CONTEXT);
        List<ChatTurn> tooLong = List.of(new ChatTurn(ChatRole.USER, "a".repeat(CONTEXT)));
        assertThatThrownBy(() -> ChatRequests.to(engine).begin(tooLong, OptionalInt.empty(), List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("leaves no room for an answer");
    }

    @Test
    void theTemplateOfTheCheckpointIsFollowed() throws IOException {
        Files.writeString(
                folder.resolve("model").resolve("chat_template.jinja"),
                "{% for message in messages %}<{{ message.content }}>{% endfor %}");
        GenerationRequest request = ChatRequests.to(engine)
                .begin(TURNS, OptionalInt.of(1), List.of())
                .build();
        assertThat(TOKENIZER.decode(request.prompt())).isEqualTo("<Who?>");
    }

    @Test
    void moreTextsThanMayWaitAreEmbeddedInOrder() {
        TextEmbedder embedder = new TextEmbedder(engine, RouteSettings.MODEL);
        List<String> texts =
                IntStream.range(0, 50).mapToObj(i -> "text " + i % 5).toList();
        TextEmbedder.EmbeddedTexts embedded = embedder.embed(texts);
        assertThat(embedded.embeddings()).hasSize(50);
        assertThat(embedded.tokens()).isEqualTo(50 * "text 1".length());
        List<float[]> vectors =
                embedded.embeddings().stream().map(TextEmbedding::vector).toList();
        assertThat(vectors.get(7)).isEqualTo(vectors.get(2)).isNotEqualTo(vectors.get(3));
        assertThat(embedder.embed(List.of("")).tokens()).isEqualTo(1);
        assertThatThrownBy(() -> embedder.embed(List.of("a", "b".repeat(CONTEXT + 1))))
                .isInstanceOf(InputException.class);
    }
}
