package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LangChain4jTest {

    @TempDir
    private static Path folder;

    private static ServerForClients server;

    @BeforeAll
    static void start() throws IOException {
        server = ServerForClients.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static OpenAiChatModel.OpenAiChatModelBuilder model() {
        return OpenAiChatModel.builder()
                .baseUrl(server.baseUrl())
                .apiKey("none")
                .modelName(ServerForClients.MODEL)
                .temperature(0.0)
                .maxRetries(0);
    }

    @Test
    void aConversationIsAnsweredWithItsUsage() {
        ChatResponse response = model().maxCompletionTokens(8)
                .build()
                .chat(
                        SystemMessage.from("Be brief."),
                        UserMessage.from("a"),
                        AiMessage.from("b"),
                        UserMessage.from("c"));
        assertThat(response.aiMessage().text()).isNotEmpty();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(8);
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(response.modelName()).isEqualTo(ServerForClients.MODEL);
    }

    @Test
    void depthIsChosenByACustomParameter() {
        String shallow = model().maxTokens(20)
                .customParameters(Map.of("max_depth", 1))
                .build()
                .chat("a");
        String deep = model().maxTokens(20)
                .customParameters(Map.of("min_depth", 3))
                .build()
                .chat("a");
        assertThat(shallow).isNotEqualTo(deep);
    }

    @Test
    void aStreamIsTheSameAnswerInPiecesWithItsUsage() throws Exception {
        String whole = model().maxTokens(12).build().chat("a");
        OpenAiStreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                .baseUrl(server.baseUrl())
                .apiKey("none")
                .modelName(ServerForClients.MODEL)
                .temperature(0.0)
                .maxTokens(12)
                .build();
        StringBuilder pieces = new StringBuilder();
        CompletableFuture<ChatResponse> done = new CompletableFuture<>();
        streaming.chat("a", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.append(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                done.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                done.completeExceptionally(error);
            }
        });
        ChatResponse response = done.get(20, TimeUnit.SECONDS);
        assertThat(pieces.toString()).isEqualTo(whole);
        assertThat(response.aiMessage().text()).isEqualTo(whole);
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void errorsAreThoseOfTheClient() {
        assertThatThrownBy(() -> model().modelName("gpt-9").build().chat("a"))
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessageContaining("gpt-9");
        assertThatThrownBy(() -> model().maxTokens(100_000).build().chat("a"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("256");
    }
}
