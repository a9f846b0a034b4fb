package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.sashirestela.cleverclient.retry.RetryConfig;
import io.github.sashirestela.openai.SimpleOpenAI;
import io.github.sashirestela.openai.common.ResponseFormat;
import io.github.sashirestela.openai.common.ResponseFormat.JsonSchema;
import io.github.sashirestela.openai.common.StreamOptions;
import io.github.sashirestela.openai.common.function.FunctionDef;
import io.github.sashirestela.openai.common.function.FunctionExecutor;
import io.github.sashirestela.openai.common.function.Functional;
import io.github.sashirestela.openai.common.tool.ToolChoiceOption;
import io.github.sashirestela.openai.domain.chat.Chat;
import io.github.sashirestela.openai.domain.chat.ChatMessage.ResponseMessage;
import io.github.sashirestela.openai.domain.chat.ChatMessage.ToolMessage;
import io.github.sashirestela.openai.domain.chat.ChatMessage.UserMessage;
import io.github.sashirestela.openai.domain.chat.ChatRequest;
import io.github.sashirestela.openai.domain.embedding.EmbeddingFloat;
import io.github.sashirestela.openai.domain.embedding.EmbeddingRequest;
import io.github.sashirestela.openai.exception.OpenAIException;
import io.github.sashirestela.openai.exception.OpenAIExceptionConverter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

@Client(artifact = "io.github.sashirestela:simple-openai", type = SimpleOpenAI.class)
class SimpleOpenAiTest {

    @TempDir
    private static Path folder;

    @TempDir
    private static Path strictFolder;

    private static ServerForClients server;
    private static ServerForClients strict;
    private static SimpleOpenAI usual;

    /// A function that the model may call.
    public static final class Say implements Functional {

        @JsonProperty(required = true)
        public boolean loud;

        @Override
        public Object execute() {
            return loud ? "LOUD" : "low";
        }
    }

    @BeforeAll
    static void start() throws IOException {
        server = ServerForClients.roomy(folder);
        strict = ServerForClients.strict(strictFolder);
        usual = client(server, "none");
    }

    @AfterAll
    static void stop() {
        strict.close();
        server.close();
    }

    /// This client's base URL has no version, which is part of its paths.
    private static SimpleOpenAI client(ServerForClients of, String key) {
        return SimpleOpenAI.builder()
                .baseUrl(of.origin())
                .apiKey(key)
                .retryConfig(RetryConfig.builder().maxAttempts(1).build())
                .build();
    }

    private static ChatRequest.ChatRequestBuilder chat(int maxTokens) {
        return ChatRequest.builder()
                .model(ServerForClients.MODEL)
                .message(UserMessage.of("a"))
                .temperature(0.0)
                .maxCompletionTokens(maxTokens);
    }

    private static Chat asked(SimpleOpenAI client, ChatRequest request) {
        return client.chatCompletions().create(request).join();
    }

    @Test
    @Shows({Feature.ANSWER, Feature.STREAM, Feature.USAGE})
    void anAnswerComesWholeAndInPieces() {
        Chat whole = asked(usual, chat(10).build());
        assertThat(whole.firstContent()).isNotEmpty();
        assertThat(whole.getUsage().getCompletionTokens()).isEqualTo(10);

        StringBuilder said = new StringBuilder();
        int counted = 0;
        try (Stream<Chat> pieces = usual.chatCompletions()
                .createStream(chat(10).streamOptions(StreamOptions.of(true)).build())
                .join()) {
            for (Chat piece : pieces.toList()) {
                if (!piece.getChoices().isEmpty()) {
                    said.append(Objects.requireNonNullElse(piece.firstContent(), ""));
                }
                if (piece.getUsage() != null) {
                    counted = piece.getUsage().getCompletionTokens();
                }
            }
        }
        assertThat(said.toString()).isEqualTo(whole.firstContent());
        assertThat(counted).isEqualTo(10);
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aFunctionIsCalledAndItsResultTakenIn() {
        FunctionExecutor functions = new FunctionExecutor(List.of(FunctionDef.builder()
                .name("say")
                .description("Says it.")
                .functionalClass(Say.class)
                .strict(true)
                .build()));
        ResponseMessage called = asked(
                        usual,
                        chat(ServerForClients.ROOM)
                                .tools(functions.getToolFunctions())
                                .toolChoice(ToolChoiceOption.REQUIRED)
                                .build())
                .firstMessage();
        Object result = functions.execute(called.getToolCalls().getFirst().getFunction());
        assertThat(result).isIn("LOUD", "low");
        Chat after = asked(
                usual,
                chat(10).message(called)
                        .message(ToolMessage.of(
                                result.toString(),
                                called.getToolCalls().getFirst().getId()))
                        .build());
        assertThat(after.firstContent()).isNotEmpty();
    }

    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerIsAnObjectOfAClass() {
        JsonSchema schema =
                JsonSchema.builder().name("person").schemaClass(Person.class).build();
        Chat answer = asked(
                usual,
                chat(ServerForClients.ROOM)
                        .temperature(1.0)
                        .seed(1)
                        .responseFormat(ResponseFormat.jsonSchema(schema))
                        .build());
        JsonMapper.shared().readValue(answer.firstContent(), Person.class).isWhole();
    }

    @Test
    @Shows(Feature.EMBEDDINGS)
    void textsBecomeVectors() {
        List<EmbeddingFloat> vectors = usual.embeddings()
                .create(EmbeddingRequest.builder()
                        .model(ServerForClients.MODEL)
                        .input(List.of("a", "b", "a"))
                        .build())
                .join()
                .getData();
        assertThat(vectors).hasSize(3);
        assertThat(vectors.get(2).getEmbedding())
                .isEqualTo(vectors.get(0).getEmbedding())
                .isNotEqualTo(vectors.get(1).getEmbedding());
    }

    private static void isRefused(
            SimpleOpenAI client, ChatRequest request, Class<? extends OpenAIException> kind, String message) {
        CompletableFuture<Chat> answer = client.chatCompletions().create(request);
        assertThat(answer).failsWithin(Duration.ofSeconds(20));
        assertThatThrownBy(() -> OpenAIExceptionConverter.rethrow(answer.exceptionNow()))
                .isInstanceOfSatisfying(
                        kind,
                        error -> assertThat(error.getResponseInfo().toString()).contains(message));
    }

    @Test
    @Shows(Feature.ERRORS)
    void refusalsAreItsExceptions() {
        ChatRequest two = chat(2).build();
        isRefused(usual, chat(2).model("gpt-9").build(), OpenAIException.NotFoundException.class, "gpt-9");
        isRefused(usual, chat(1_000_000).build(), OpenAIException.BadRequestException.class, "context");
        isRefused(client(strict, "k-wrong"), two, OpenAIException.AuthenticationException.class, "API key");
        SimpleOpenAI once = client(strict, ServerForClients.ONCE);
        assertThat(asked(once, two).getChoices()).hasSize(1);
        isRefused(once, two, OpenAIException.RateLimitException.class, "1 requests a minute");
    }

    @Test
    @Shows(Feature.ABORT)
    void anAnswerIsLeft() {
        server.notices(() -> {
            try (Stream<Chat> pieces = usual.chatCompletions()
                    .createStream(chat(ServerForClients.TOO_MANY).build())
                    .join()) {
                assertThat(pieces.iterator().next().getChoices()).isNotEmpty();
            }
        });
    }
}
