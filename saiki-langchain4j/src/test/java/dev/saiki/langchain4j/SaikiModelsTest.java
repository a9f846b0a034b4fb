package dev.saiki.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaikiModelsTest {

    private static final int CONTEXT = 256;
    private static final Tokenizer TOKENIZER =
            BytePairTrainer.train(List.of("the whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @TempDir
    private static Path folder;

    private static Engine engine;

    @BeforeAll
    static void open() throws IOException {
        engine = open("mor/last");
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static Engine open(String name) throws IOException {
        return Engine.open(
                RandomCheckpoint.write(
                        Files.createDirectories(folder.resolve(name)),
                        TinyModels.ofText(TOKENIZER.vocabSize(), CONTEXT),
                        3),
                TOKENIZER,
                EngineOptions.builder().threads(1).build());
    }

    private static SaikiChatRequestParameters.Builder greedy(int tokens) {
        return SaikiChatRequestParameters.builder().temperature(0.0).maxOutputTokens(tokens);
    }

    private static SaikiChatModel model(int tokens) {
        return SaikiChatModel.of(engine, greedy(tokens).build());
    }

    @Test
    void aConversationIsAnsweredWithItsUsageAndDepth() {
        ChatResponse response = model(8).chat(
                        SystemMessage.from("Be brief."),
                        UserMessage.from("a"),
                        AiMessage.from("b"),
                        UserMessage.from("c"));
        assertThat(response.aiMessage().text()).isNotEmpty();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(8);
        assertThat(response.tokenUsage().inputTokenCount())
                .isEqualTo("Be brief.\n\nUser: a\nAssistant: b\nUser: c\nAssistant:".length());
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(response.modelName()).isEqualTo("mor");
        assertThat(response.metadata())
                .isInstanceOfSatisfying(
                        SaikiChatResponseMetadata.class,
                        metadata -> assertThat(metadata.meanDepth()).isBetween(1.0, 3.0));
    }

    @Test
    void aStreamIsTheSameAnswerInPieces() throws Exception {
        Handler handler = new Handler(Integer.MAX_VALUE);
        SaikiStreamingChatModel.of(engine, greedy(12).build()).chat("a", handler);
        ChatResponse response = handler.done.get(1, TimeUnit.MINUTES);
        String whole = model(12).chat("a");
        assertThat(response.aiMessage().text()).isEqualTo(whole);
        assertThat(handler.pieces).hasSizeGreaterThan(1);
        assertThat(String.join("", handler.pieces)).isEqualTo(whole);
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
    }

    @Test
    void aStreamThatItsHandleCancelsIsNotHeardOfAgain() throws Exception {
        Handler handler = new Handler(2);
        SaikiStreamingChatModel.of(engine, greedy(200).build()).chat("a", handler);
        handler.cancelled.get(1, TimeUnit.MINUTES);
        // What is asked afterwards is done afterwards.
        assertThat(model(20).chat("b")).isNotEmpty();
        assertThat(handler.pieces).hasSize(2);
        assertThat(handler.done).isNotDone();
    }

    @Test
    void whatGoesWrongInAStreamIsToldToItsHandler() {
        Handler handler = new Handler(Integer.MAX_VALUE);
        SaikiStreamingChatModel.of(engine, greedy(CONTEXT).build()).chat("a", handler);
        assertThatThrownBy(() -> handler.done.get(1, TimeUnit.MINUTES))
                .hasCauseInstanceOf(InvalidRequestException.class);
    }

    @Test
    void depthIsAskedForByParametersOfARequestOverThoseOfTheModel() {
        SaikiChatModel shallow =
                SaikiChatModel.of(engine, greedy(20).maxDepth(1).build());
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from("a"));
        ChatResponse one = shallow.chat(request.build());
        ChatResponse three = shallow.chat(request.parameters(SaikiChatRequestParameters.builder()
                        .minDepth(3)
                        .maxDepth(3)
                        .build())
                .build());
        assertThat(((SaikiChatResponseMetadata) one.metadata()).meanDepth()).isEqualTo(1);
        assertThat(((SaikiChatResponseMetadata) three.metadata()).meanDepth()).isEqualTo(3);
        assertThat(three.tokenUsage().outputTokenCount()).isEqualTo(20);
    }

    @Test
    void theSameSeedGivesTheSameText() {
        SaikiChatModel model = SaikiChatModel.of(
                engine, SaikiChatRequestParameters.builder().maxOutputTokens(30).build());
        ChatRequest.Builder request = ChatRequest.builder()
                .messages(UserMessage.from("a"))
                .parameters(SaikiChatRequestParameters.builder().seed(5).build());
        String text = model.chat(request.build()).aiMessage().text();
        assertThat(model.chat(request.build()).aiMessage().text()).isEqualTo(text);
        assertThat(model.chat("a")).isNotEqualTo(text);
    }

    @Test
    void aStopTextEndsTheAnswerAndIsNoPartOfIt() {
        String whole = model(40).chat("a");
        String stop = whole.substring(10, 12);
        ChatResponse response = SaikiChatModel.of(
                        engine, greedy(40).stopSequences(stop).build())
                .chat(UserMessage.from("a"));
        assertThat(response.aiMessage().text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void anAnswerHasTheFormOfItsSchema() {
        JsonSchema schema = JsonSchema.builder()
                .name("choice")
                .rootElement(JsonObjectSchema.builder()
                        .addProperty(
                                "colour",
                                JsonEnumSchema.builder()
                                        .enumValues("red", "blue")
                                        .build())
                        .required("colour")
                        .build())
                .build();
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(schema)
                .build();
        String text = model(60)
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from("a"))
                        .responseFormat(format)
                        .build())
                .aiMessage()
                .text();
        assertThat(text).matches("\\{\\s*\"colour\"\\s*:\\s*\"(red|blue)\"\\s*}");
        assertThat(model(100)
                        .chat(ChatRequest.builder()
                                .messages(UserMessage.from("a"))
                                .responseFormat(ResponseFormat.JSON)
                                .build())
                        .aiMessage()
                        .text())
                .startsWith("{");
    }

    private static ChatRequest.Builder paint() {
        ToolSpecification paint = ToolSpecification.builder()
                .name("paint")
                .parameters(JsonObjectSchema.builder()
                        .addEnumProperty("colour", List.of("red", "blue"))
                        .required("colour")
                        .build())
                .build();
        return ChatRequest.builder().messages(UserMessage.from("a")).toolSpecifications(paint);
    }

    @Test
    void anAnswerMayHaveToCallATool() {
        ChatResponse response =
                model(60).chat(paint().toolChoice(ToolChoice.REQUIRED).build());
        assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        assertThat(response.aiMessage().text()).isNull();
        assertThat(response.aiMessage().toolExecutionRequests()).singleElement().satisfies(call -> {
            assertThat(call.name()).isEqualTo("paint");
            assertThat(call.id()).isNotEmpty();
            assertThat(call.arguments()).matches("\\{\\s*\"colour\"\\s*:\\s*\"(red|blue)\"\\s*}");
        });
    }

    @Test
    void theResultOfACallGoesOnWithTheConversation() {
        AiMessage called =
                model(60).chat(paint().toolChoice(ToolChoice.REQUIRED).build()).aiMessage();
        ToolExecutionRequest call = called.toolExecutionRequests().getFirst();
        ChatResponse response =
                model(8).chat(UserMessage.from("a"), called, ToolExecutionResultMessage.from(call, "painted"));
        assertThat(response.tokenUsage().inputTokenCount())
                .isEqualTo(
                        ("User: a\nAssistant: paint " + call.arguments() + "\nResult: painted\nAssistant:").length());
        assertThat(response.aiMessage().hasToolExecutionRequests()).isFalse();
        assertThat(model(8).chat(paint().toolChoice(ToolChoice.NONE).build())
                        .aiMessage()
                        .text())
                .isEqualTo(model(8).chat("a"));
    }

    @Test
    void aStreamTellsCallsWhileTheyAreWritten() throws Exception {
        Handler handler = new Handler(Integer.MAX_VALUE);
        SaikiStreamingChatModel.of(engine, greedy(60).build())
                .chat(paint().toolChoice(ToolChoice.REQUIRED).build(), handler);
        ChatResponse response = handler.done.get(1, TimeUnit.MINUTES);
        ToolExecutionRequest call = response.aiMessage().toolExecutionRequests().getFirst();
        assertThat(handler.pieces).isEmpty();
        assertThat(handler.arguments).hasSizeGreaterThan(1);
        assertThat(String.join("", handler.arguments)).isEqualTo(call.arguments());
        assertThat(handler.calls).containsExactly(call);
    }

    @Test
    void whatIsNotSupportedIsRefused() {
        SaikiChatModel model = model(4);
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from("a"));
        assertThatThrownBy(
                        () -> model.chat(request.toolChoice(ToolChoice.REQUIRED).build()))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("at least one tool");
        assertThatThrownBy(() -> model.chat(UserMessage.from(ImageContent.from("https://localhost/a.png"))))
                .isInstanceOf(UnsupportedFeatureException.class);
        assertThatThrownBy(() -> model.chat(ChatRequest.builder()
                        .messages(UserMessage.from("a"))
                        .modelName("other")
                        .build()))
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessage("model must be mor, got other");
        assertThatThrownBy(() -> model.chat("a".repeat(CONTEXT))).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> model.chat(ChatRequest.builder()
                        .messages(UserMessage.from("a"))
                        .temperature(-1.0)
                        .build()))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature");
    }

    @Test
    void anEngineThatIsClosedFailsItsRequests() throws IOException {
        Engine closed = open("closed");
        SaikiChatModel model = SaikiChatModel.of(closed, greedy(4).build());
        closed.close();
        assertThatThrownBy(() -> model.chat("a")).isInstanceOf(RuntimeException.class);
    }

    @Test
    void listenersHearOfAnswers() {
        AtomicInteger heard = new AtomicInteger();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onResponse(ChatModelResponseContext context) {
                heard.addAndGet(context.chatResponse().metadata().tokenUsage().outputTokenCount());
            }
        };
        assertThat(new SaikiChatModel(engine, greedy(3).build(), List.of(listener)).chat("a"))
                .isNotEmpty();
        assertThat(heard).hasValue(3);
    }

    @Test
    void textsBecomeVectorsOfLengthOne() {
        SaikiEmbeddingModel model = SaikiEmbeddingModel.of(engine);
        List<TextSegment> segments = IntStream.range(0, 20)
                .mapToObj(i -> TextSegment.from("text " + i))
                .toList();
        Response<List<Embedding>> response = model.embedAll(segments);
        assertThat(response.content()).hasSize(20);
        assertThat(Objects.requireNonNull(response.tokenUsage()).inputTokenCount())
                .isEqualTo(10 * "text 1".length() + 10 * "text 10".length());
        assertThat(response.content().get(3).vector())
                .isEqualTo(model.embed("text 3").content().vector());
        assertThat(response.content().getFirst().dimension()).isEqualTo(model.dimension());
        assertThat(model.modelName()).isEqualTo("mor");
        assertThatThrownBy(() -> model.embed("a".repeat(CONTEXT + 1))).isInstanceOf(InvalidRequestException.class);
    }

    /// A handler that records all events, and cancels after some pieces.
    private static final class Handler implements StreamingChatResponseHandler {

        private final int most;
        private final List<String> pieces = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private final List<ToolExecutionRequest> calls = new ArrayList<>();
        private final CompletableFuture<ChatResponse> done = new CompletableFuture<>();
        private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();

        Handler(int most) {
            this.most = most;
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            pieces.add(piece.text());
            if (pieces.size() == most) {
                context.streamingHandle().cancel();
                cancelled.complete(context.streamingHandle().isCancelled());
            }
        }

        @Override
        public void onPartialToolCall(PartialToolCall call, PartialToolCallContext context) {
            arguments.add(call.partialArguments());
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall call) {
            calls.add(call.toolExecutionRequest());
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            done.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            done.completeExceptionally(error);
        }
    }
}
