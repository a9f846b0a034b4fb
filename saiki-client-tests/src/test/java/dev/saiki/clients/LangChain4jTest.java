package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Client(artifact = "dev.langchain4j:langchain4j-open-ai", type = OpenAiChatModel.class)
class LangChain4jTest {

    @TempDir
    private static Path folder;

    @TempDir
    private static Path strictFolder;

    private static ServerForClients server;
    private static ServerForClients strict;

    @BeforeAll
    static void start() throws IOException {
        server = ServerForClients.in(folder);
        strict = ServerForClients.strict(strictFolder);
    }

    @AfterAll
    static void stop() {
        strict.close();
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
    void theLinesOfTheReadmeWork() {
        String url = server.baseUrl();
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(url)
                .apiKey("none")
                .modelName("mor")
                .maxTokens(40)
                .temperature(0.0)
                .customParameters(Map.of("max_depth", 2))
                .build();
        String answer = model.chat("Call me");
        assertThat(answer).isNotEmpty();
    }

    @Test
    @Shows({Feature.ANSWER, Feature.USAGE})
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
    @Shows({Feature.STREAM, Feature.USAGE})
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
        ChatResponse response = streamed(streaming, pieces).get(20, TimeUnit.SECONDS);
        assertThat(pieces.toString()).isEqualTo(whole);
        assertThat(response.aiMessage().text()).isEqualTo(whole);
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    /// Streams an answer.
    ///
    /// @param pieces receives the pieces
    /// @return the complete response
    private static CompletableFuture<ChatResponse> streamed(OpenAiStreamingChatModel model, StringBuilder pieces) {
        CompletableFuture<ChatResponse> done = new CompletableFuture<>();
        model.chat("a", new StreamingChatResponseHandler() {
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
        return done;
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aRequiredFunctionIsCalledAndItsResultTakenIn() {
        ToolSpecification say = ToolSpecification.builder()
                .name("say")
                .description("Says something.")
                .parameters(JsonObjectSchema.builder()
                        .addBooleanProperty("loud")
                        .required("loud")
                        .build())
                .build();
        ToolSpecification pause = ToolSpecification.builder().name("pause").build();
        UserMessage question = UserMessage.from("a");
        AiMessage called = model().maxTokens(40)
                .build()
                .chat(ChatRequest.builder()
                        .messages(question)
                        .toolSpecifications(say, pause)
                        .toolChoice(ToolChoice.REQUIRED)
                        .build())
                .aiMessage();
        assertThat(called.toolExecutionRequests()).hasSize(1);
        ToolExecutionRequest request = called.toolExecutionRequests().getFirst();
        assertThat(request.name()).isIn("say", "pause");
        assertThat(request.arguments().replace(" ", ""))
                .isIn(request.name().equals("say") ? List.of("{\"loud\":true}", "{\"loud\":false}") : List.of("{}"));
        ChatResponse answer =
                model().maxTokens(6).build().chat(question, called, ToolExecutionResultMessage.from(request, "done"));
        assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(6);
    }

    /// A bias makes the model write little but the beginning of calls; which answers are calls is random.
    @Test
    void aFunctionThatMayBeCalledIsCalledByTheModel() {
        ToolSpecification function = ToolSpecification.builder().name("q").build();
        Map<String, Integer> bias = IntStream.of(ServerForClients.TOKENIZER.encode("q {"))
                .boxed()
                .collect(Collectors.toMap(id -> Integer.toString(id), _ -> 40));
        int calls = 0;
        int texts = 0;
        for (int seed = 0; seed < 400 && (calls == 0 || texts == 0); seed++) {
            AiMessage answer = model().maxTokens(12)
                    .temperature(2.0)
                    .seed(seed)
                    .logitBias(bias)
                    .build()
                    .chat(ChatRequest.builder()
                            .messages(UserMessage.from("a"))
                            .toolSpecifications(function)
                            .build())
                    .aiMessage();
            if (answer.hasToolExecutionRequests()) {
                calls++;
                ToolExecutionRequest request = answer.toolExecutionRequests().getFirst();
                assertThat(request.name()).isEqualTo("q");
                assertThat(request.arguments()).isEqualTo("{}");
            } else {
                texts++;
                assertThat(answer.text()).doesNotMatch(" ?q \\{.*");
            }
        }
        assertThat(calls).isPositive();
        assertThat(texts).isPositive();
    }

    @Test
    @Shows(Feature.EMBEDDINGS)
    void textsBecomeVectors() {
        OpenAiEmbeddingModel embedding = OpenAiEmbeddingModel.builder()
                .baseUrl(server.baseUrl())
                .apiKey("none")
                .modelName(ServerForClients.MODEL)
                .dimensions(8)
                .build();
        Response<List<Embedding>> response =
                embedding.embedAll(List.of(TextSegment.from("a"), TextSegment.from("b"), TextSegment.from("a")));
        List<Embedding> vectors = response.content();
        assertThat(vectors)
                .hasSize(3)
                .allSatisfy(vector -> assertThat(vector.dimension()).isEqualTo(8));
        assertThat(vectors.get(2)).isEqualTo(vectors.get(0)).isNotEqualTo(vectors.get(1));
        assertThat(Objects.requireNonNull(response.tokenUsage()).inputTokenCount())
                .isEqualTo(3);
    }

    @Test
    @Shows(Feature.ERRORS)
    void errorsAreThoseOfTheClient() {
        assertThatThrownBy(() -> model().modelName("gpt-9").build().chat("a"))
                .isInstanceOf(ModelNotFoundException.class)
                .hasMessageContaining("gpt-9");
        assertThatThrownBy(() -> model().maxTokens(100_000).build().chat("a"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("256");
    }

    private static OpenAiChatModel strictly(String key) {
        return model().baseUrl(strict.baseUrl()).apiKey(key).maxTokens(2).build();
    }

    @Test
    @Shows(Feature.ERRORS)
    void aWrongKeyIsAnErrorOfAuthentication() {
        assertThat(strictly(ServerForClients.KEY).chat("a")).isNotEmpty();
        assertThatThrownBy(() -> strictly("k-wrong").chat("a"))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("the server does not know this API key");
    }

    /// This client does not expose headers, so its user does not see whether and when to retry.
    @Test
    @Shows(Feature.ERRORS)
    void aKeyThatAsksTooOftenIsAnErrorOfTheRate() {
        assertThat(strictly(ServerForClients.ONCE).chat("a")).isNotEmpty();
        assertThatThrownBy(() -> strictly(ServerForClients.ONCE).chat("a"))
                .isInstanceOf(RateLimitException.class)
                .hasMessageContaining("1 requests a minute")
                .cause()
                .isInstanceOfSatisfying(
                        HttpException.class,
                        error -> assertThat(error.statusCode()).isEqualTo(429));
    }

    @Test
    void anErrorInTheMiddleOfAStreamIsToldAfterThePiecesBeforeIt() {
        OpenAiStreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                .baseUrl(strict.baseUrl())
                .apiKey(ServerForClients.KEY)
                .modelName(ServerForClients.MODEL)
                .maxTokens(ServerForClients.TOO_MANY)
                .customParameters(Map.of("ignore_eos", true))
                .build();
        StringBuilder pieces = new StringBuilder();
        assertThatThrownBy(() -> streamed(streaming, pieces).get(60, TimeUnit.SECONDS))
                .hasStackTraceContaining("the time limit of a request");
        assertThat(pieces).isNotEmpty();
    }

    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerHasTheFormOfASchema(@TempDir Path other) throws IOException {
        JsonObjectSchema house = JsonObjectSchema.builder()
                .addIntegerProperty("number")
                .addEnumProperty("colour", List.of("red", "green"))
                .required("number", "colour")
                .build();
        JsonObjectSchema person = JsonObjectSchema.builder()
                .addStringProperty("name")
                .addProperty("house", house)
                .addProperty(
                        "pet",
                        JsonAnyOfSchema.builder()
                                .anyOf(new JsonIntegerSchema(), new JsonBooleanSchema())
                                .build())
                .required("name", "house", "pet")
                .build();
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(
                        JsonSchema.builder().name("person").rootElement(person).build())
                .build();
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            for (boolean strictly : List.of(true, false)) {
                String answer = model().baseUrl(roomy.baseUrl())
                        .temperature(1.0)
                        .seed(1)
                        .maxTokens(ServerForClients.ROOM)
                        .strictJsonSchema(strictly)
                        .build()
                        .chat(ChatRequest.builder()
                                .messages(UserMessage.from("a"))
                                .responseFormat(format)
                                .build())
                        .aiMessage()
                        .text();
                JsonNode read = JsonMapper.shared().readTree(answer);
                assertThat(read.get("name").isString()).isTrue();
                assertThat(read.at("/house/number").isIntegralNumber()).isTrue();
                assertThat(read.at("/house/colour").stringValue()).isIn("red", "green");
                assertThat(read.get("pet").isIntegralNumber() || read.get("pet").isBoolean())
                        .isTrue();
            }
        }
    }

    @Test
    @Shows(Feature.ABORT)
    void anAnswerIsLeft(@TempDir Path other) throws IOException {
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            OpenAiStreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                    .baseUrl(roomy.baseUrl())
                    .apiKey("none")
                    .modelName(ServerForClients.MODEL)
                    .temperature(0.0)
                    .maxTokens(ServerForClients.TOO_MANY)
                    .build();
            roomy.notices(() -> streaming.chat("a", new LeavingHandler()));
        }
    }

    /// Cancels an answer at its first piece.
    private static final class LeavingHandler implements StreamingChatResponseHandler {

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            context.streamingHandle().cancel();
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {}

        @Override
        public void onError(Throwable error) {}
    }
}
