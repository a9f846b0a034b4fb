package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import tools.jackson.databind.json.JsonMapper;

@Client(artifact = "org.springframework.ai:spring-ai-openai", type = OpenAiChatModel.class, lacks = Feature.ABORT)
class SpringAiTest {

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

    private static OpenAiChatModel model(String name, int maxDepth) {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(server.baseUrl())
                        .apiKey("none")
                        .model(name)
                        .temperature(0.0)
                        .maxTokens(11)
                        .maxRetries(0)
                        .streamUsage(true)
                        .extraBody(Map.of("max_depth", maxDepth))
                        .build())
                .build();
    }

    private static String text(ChatResponse response) {
        return response.getResults().stream()
                .map(generation ->
                        Objects.requireNonNullElse(generation.getOutput().getText(), ""))
                .collect(Collectors.joining());
    }

    @Test
    void theLinesOfTheReadmeWork() {
        String url = server.baseUrl();
        OpenAiChatOptions options = OpenAiChatOptions.builder()
                .baseUrl(url)
                .apiKey("none")
                .model("mor")
                .maxTokens(40)
                .temperature(0.0)
                .extraBody(Map.of("max_depth", 2))
                .build();
        OpenAiChatModel model = OpenAiChatModel.builder().options(options).build();
        StringBuilder said = new StringBuilder();
        model.stream("Call me").toStream().forEach(said::append);
        assertThat(said).isNotEmpty();
    }

    @Test
    @Shows({Feature.ANSWER, Feature.USAGE})
    void aPromptIsAnsweredWithItsUsage() {
        ChatResponse response = model(ServerForClients.MODEL, 3).call(new Prompt("a"));
        assertThat(text(response)).isNotEmpty();
        assertThat(response.getMetadata().getUsage().getCompletionTokens()).isEqualTo(11);
        assertThat(response.getResults().getFirst().getMetadata().getFinishReason())
                .isEqualToIgnoringCase("length");
    }

    @Test
    void depthIsChosenInTheExtraBody() {
        assertThat(List.of("a", "b", "Call me", "the whale"))
                .anySatisfy(prompt -> assertThat(
                                text(model(ServerForClients.MODEL, 1).call(new Prompt(prompt))))
                        .isNotEqualTo(text(model(ServerForClients.MODEL, 3).call(new Prompt(prompt)))));
    }

    @Test
    @Shows({Feature.STREAM, Feature.USAGE})
    void aStreamIsTheSameAnswerInPiecesWithItsUsage() {
        String whole = text(model(ServerForClients.MODEL, 3).call(new Prompt("a")));
        List<ChatResponse> pieces = Objects.requireNonNull(model(ServerForClients.MODEL, 3).stream(new Prompt("a"))
                .collectList()
                .block(Duration.ofSeconds(20)));
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(text(piece)));
        assertThat(text.toString()).isEqualTo(whole);
        assertThat(pieces).anyMatch(piece -> piece.getMetadata().getUsage().getCompletionTokens() == 11);
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aRequiredFunctionIsCalledAndItsResultTakenIn() {
        ToolCallback say = FunctionToolCallback.builder("say", (Map<String, Object> arguments) -> "done")
                .description("Says something.")
                .inputSchema("{\"type\":\"object\",\"properties\":{\"loud\":{\"type\":\"boolean\"}},"
                        + "\"required\":[\"loud\"],\"additionalProperties\":false}")
                .inputType(Map.class)
                .build();
        UserMessage question = new UserMessage("a");
        OpenAiChatOptions required = OpenAiChatOptions.builder()
                .baseUrl(server.baseUrl())
                .apiKey("none")
                .model(ServerForClients.MODEL)
                .maxTokens(40)
                .maxRetries(0)
                .toolCallbacks(say)
                .toolChoice(ChatCompletionToolChoiceOption.ofAuto(ChatCompletionToolChoiceOption.Auto.REQUIRED))
                .build();
        AssistantMessage called = OpenAiChatModel.builder()
                .options(required)
                .build()
                .call(new Prompt(List.of(question), required))
                .getResults()
                .getFirst()
                .getOutput();
        assertThat(called.getToolCalls()).hasSize(1);
        AssistantMessage.ToolCall call = called.getToolCalls().getFirst();
        assertThat(call.name()).isEqualTo("say");
        assertThat(call.arguments().replace(" ", "")).isIn("{\"loud\":true}", "{\"loud\":false}");
        ToolResponseMessage result = ToolResponseMessage.builder()
                .responses(List.of(
                        new ToolResponseMessage.ToolResponse(call.id(), call.name(), say.call(call.arguments()))))
                .build();
        ChatResponse answer = model(ServerForClients.MODEL, 3).call(new Prompt(List.of(question, called, result)));
        assertThat(answer.getMetadata().getUsage().getCompletionTokens()).isEqualTo(11);
    }

    @Test
    @Shows(Feature.EMBEDDINGS)
    void textsBecomeVectors() {
        OpenAiEmbeddingModel embedding = OpenAiEmbeddingModel.builder()
                .options(OpenAiEmbeddingOptions.builder()
                        .baseUrl(server.baseUrl())
                        .apiKey("none")
                        .model(ServerForClients.MODEL)
                        .build())
                .build();
        List<float[]> vectors = embedding.embed(List.of("a", "b", "a"));
        assertThat(vectors).hasSize(3);
        assertThat(vectors.get(2)).isEqualTo(vectors.get(0)).isNotEqualTo(vectors.get(1));
    }

    @Test
    @Shows(Feature.ERRORS)
    void errorsAreThoseOfTheClient() {
        assertThatThrownBy(() -> model("gpt-9", 3).call(new Prompt("a")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("gpt-9");
    }

    private static OpenAiChatModel strictly(String key, int maxTokens) {
        return OpenAiChatModel.builder()
                .options(OpenAiChatOptions.builder()
                        .baseUrl(strict.baseUrl())
                        .apiKey(key)
                        .model(ServerForClients.MODEL)
                        .maxTokens(maxTokens)
                        .maxRetries(0)
                        .extraBody(Map.of("ignore_eos", true))
                        .build())
                .build();
    }

    @Test
    @Shows(Feature.ERRORS)
    void aWrongKeyIsAnErrorOfAuthentication() {
        assertThat(text(strictly(ServerForClients.KEY, 2).call(new Prompt("a"))))
                .isNotEmpty();
        assertThatThrownBy(() -> strictly("k-wrong", 2).call(new Prompt("a")))
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        error -> assertThat(error.code()).contains("invalid_api_key"));
    }

    @Test
    @Shows(Feature.ERRORS)
    void aKeyThatAsksTooOftenIsToldWhenItMayAskAgain() {
        assertThat(text(strictly(ServerForClients.ONCE, 2).call(new Prompt("a"))))
                .isNotEmpty();
        assertThatThrownBy(() -> strictly(ServerForClients.ONCE, 2).call(new Prompt("a")))
                .isInstanceOfSatisfying(
                        RateLimitException.class,
                        error -> assertThat(error.headers().values("Retry-After"))
                                .singleElement()
                                .satisfies(seconds ->
                                        assertThat(Integer.parseInt(seconds)).isBetween(1, 60)));
    }

    @Test
    void anErrorInTheMiddleOfAStreamIsToldAfterThePiecesBeforeIt() {
        StringBuilder pieces = new StringBuilder();
        assertThatThrownBy(() -> strictly(ServerForClients.KEY, ServerForClients.TOO_MANY).stream(new Prompt("a"))
                        .doOnNext(piece -> pieces.append(text(piece)))
                        .blockLast(Duration.ofSeconds(60)))
                .hasStackTraceContaining("the time limit of a request");
        assertThat(pieces).isNotEmpty();
    }

    /// Spring AI's own converter of classes needs another version of a library than openai-java.
    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerHasTheFormOfASchema(@TempDir Path other) throws IOException {
        String colour = "{\"type\":\"string\",\"enum\":[\"RED\",\"GREEN\"]}";
        String schema = """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
                 "age":{"type":"integer","format":"int64"},"tall":{"type":"boolean"},"name":{"type":"string"},
                 "address":{"type":"object","properties":{"number":{"type":"integer","format":"int64"},"colour":%1$s},
                  "required":["number","colour"],"additionalProperties":false},
                 "likes":%1$s,"others":{"type":"array","items":%1$s}},
                 "required":["age","tall","name","address","likes","others"],"additionalProperties":false}""".formatted(colour);
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            OpenAiChatModel model = OpenAiChatModel.builder()
                    .options(OpenAiChatOptions.builder()
                            .baseUrl(roomy.baseUrl())
                            .apiKey("none")
                            .model(ServerForClients.MODEL)
                            .maxTokens(ServerForClients.ROOM)
                            .maxRetries(0)
                            .temperature(1.0)
                            .seed(1)
                            .outputSchema(schema)
                            .build())
                    .build();
            JsonMapper.shared()
                    .readValue(text(model.call(new Prompt("a"))), Person.class)
                    .isWhole();
        }
    }
}
