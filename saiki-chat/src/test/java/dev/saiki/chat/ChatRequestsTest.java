package dev.saiki.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.settings.EngineOptions;
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
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatRequestsTest {

    private static final int CONTEXT = 64;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final List<ChatTurn> TURNS = List.of(ChatTurn.of(ChatRole.USER, "Who?"));

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
                .begin(new AnswerRequest(TURNS, Optional.empty(), Optional.empty(), OptionalInt.of(5), List.of(".")))
                .request()
                .build();
        assertThat(TOKENIZER.decode(request.prompt())).isEqualTo("User: Who?\nAssistant:");
        assertThat(request.maxTokens()).isEqualTo(5);
        assertThat(request.ending().texts()).containsExactly(".", "\nUser:");
    }

    @Test
    void withoutALengthTheAnswerMayFillTheContext() {
        GenerationRequest request = ChatRequests.to(engine)
                .begin(new AnswerRequest(TURNS, Optional.empty(), Optional.empty(), OptionalInt.empty(), List.of()))
                .request()
                .build();
        assertThat(request.prompt().length + request.maxTokens()).isEqualTo(CONTEXT);
        List<ChatTurn> tooLong = List.of(ChatTurn.of(ChatRole.USER, "a".repeat(CONTEXT)));
        assertThatThrownBy(() -> ChatRequests.to(engine)
                        .begin(new AnswerRequest(
                                tooLong, Optional.empty(), Optional.empty(), OptionalInt.empty(), List.of())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("leaves no room for an answer");
    }

    @Test
    void theTemplateOfTheCheckpointIsFollowed() throws IOException {
        Files.writeString(
                folder.resolve("model").resolve("chat_template.jinja"),
                "{% for message in messages %}<{{ message.content }}>{% endfor %}");
        GenerationRequest request = ChatRequests.to(engine)
                .begin(new AnswerRequest(TURNS, Optional.empty(), Optional.empty(), OptionalInt.of(1), List.of()))
                .request()
                .build();
        assertThat(TOKENIZER.decode(request.prompt())).isEqualTo("<Who?>");
    }
}
