package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceTool;
import com.anthropic.models.messages.ToolUseBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Client(artifact = "com.anthropic:anthropic-java", type = AnthropicClient.class, lacks = Feature.EMBEDDINGS)
class AnthropicJavaTest {

    @TempDir
    private static Path folder;

    @TempDir
    private static Path strictFolder;

    private static ServerForClients server;
    private static ServerForClients strict;
    private static AnthropicClient usual;

    @BeforeAll
    static void start() throws IOException {
        server = ServerForClients.in(folder);
        strict = ServerForClients.strict(strictFolder);
        usual = client(server, "none");
    }

    @AfterAll
    static void stop() {
        usual.close();
        strict.close();
        server.close();
    }

    /// This client's base URL has no version, which is part of its paths.
    private static AnthropicClient client(ServerForClients of, String key) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(of.origin())
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    private static MessageCreateParams.Builder message() {
        return MessageCreateParams.builder()
                .model(ServerForClients.MODEL)
                .maxTokens(10)
                .addUserMessage("a")
                .putAdditionalBodyProperty("temperature", JsonValue.from(0));
    }

    private static String text(Message message) {
        return message.content().stream()
                .flatMap(block -> block.text().stream())
                .map(block -> block.text())
                .collect(Collectors.joining());
    }

    @Test
    @Shows({Feature.ANSWER, Feature.STREAM, Feature.USAGE})
    void aMessageIsAnsweredWholeAndInPieces() {
        Message whole = usual.messages().create(message().build());
        assertThat(text(whole)).isNotEmpty();
        assertThat(whole.stopReason()).contains(StopReason.MAX_TOKENS);
        assertThat(whole.usage().outputTokens()).isEqualTo(10);

        StringBuilder said = new StringBuilder();
        List<Long> counted = new ArrayList<>();
        try (StreamResponse<RawMessageStreamEvent> events =
                usual.messages().createStreaming(message().build())) {
            events.stream().forEach(event -> {
                event.contentBlockDelta()
                        .flatMap(delta -> delta.delta().text())
                        .ifPresent(piece -> said.append(piece.text()));
                event.messageDelta().ifPresent(end -> counted.add(end.usage().outputTokens()));
            });
        }
        assertThat(said.toString()).isEqualTo(text(whole));
        assertThat(counted).containsExactly(10L);
    }

    @Test
    void tokensAreCounted() {
        long counted = usual.messages()
                .countTokens(MessageCountTokensParams.builder()
                        .model(ServerForClients.MODEL)
                        .addUserMessage("a")
                        .build())
                .inputTokens();
        Message answer = usual.messages().create(message().build());
        assertThat(answer.usage().inputTokens()
                        + answer.usage().cacheReadInputTokens().orElse(0L))
                .isEqualTo(counted);
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aFunctionIsCalled() {
        Tool say = Tool.builder()
                .name("say")
                .description("Says it.")
                .inputSchema(Tool.InputSchema.builder()
                        .properties(Tool.InputSchema.Properties.builder()
                                .putAdditionalProperty("loud", JsonValue.from(Map.of("type", "boolean")))
                                .build())
                        .addRequired("loud")
                        .build())
                .build();
        Message called = usual.messages()
                .create(message()
                        .maxTokens(60)
                        .addTool(say)
                        .toolChoice(ToolChoiceTool.builder().name("say").build())
                        .build());
        ToolUseBlock call = called.content().getFirst().toolUse().orElseThrow();
        assertThat(call.name()).isEqualTo("say");
        assertThat(call._input().toString()).contains("loud");
        assertThat(called.stopReason()).contains(StopReason.TOOL_USE);
    }

    @Test
    @Shows(Feature.ERRORS)
    void refusalsAreItsExceptions() {
        assertThatThrownBy(() ->
                        usual.messages().create(message().model("claude-9").build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("claude-9");
        assertThatThrownBy(() -> usual.messages()
                        .create(message()
                                .putAdditionalBodyProperty("top_p", JsonValue.from(2))
                                .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("top_p");
        AnthropicClient stranger = client(strict, "wrong");
        assertThatThrownBy(() -> stranger.messages().create(message().build()))
                .isInstanceOf(UnauthorizedException.class);
        stranger.close();
        AnthropicClient once = client(strict, ServerForClients.ONCE);
        once.messages().create(message().build());
        assertThatThrownBy(() -> once.messages().create(message().build())).isInstanceOf(RateLimitException.class);
        once.close();
    }

    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerIsAnObjectOfAClass(@TempDir Path other) throws IOException {
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            AnthropicClient own = client(roomy, "none");
            own.messages()
                    .create(MessageCreateParams.builder()
                            .model(ServerForClients.MODEL)
                            .maxTokens(ServerForClients.ROOM)
                            .addUserMessage("a")
                            .outputConfig(Person.class)
                            .build())
                    .content()
                    .getFirst()
                    .text()
                    .orElseThrow()
                    .text()
                    .isWhole();
            own.close();
        }
    }

    @Test
    @Shows(Feature.ABORT)
    void anAnswerIsLeft(@TempDir Path other) throws IOException {
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            AnthropicClient own = client(roomy, "none");
            roomy.notices(() -> {
                try (StreamResponse<RawMessageStreamEvent> events = own.messages()
                        .createStreaming(
                                message().maxTokens(ServerForClients.TOO_MANY).build())) {
                    assertThat(events.stream()
                                    .filter(event -> event.contentBlockDelta().isPresent())
                                    .findFirst())
                            .isPresent();
                }
            });
            own.close();
        }
    }
}
