package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.Embedding;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ToolChoiceOptions;
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

@Client(artifact = "com.openai:openai-java", type = OpenAIClient.class)
class OpenAiJavaTest {

    @TempDir
    private static Path folder;

    @TempDir
    private static Path strictFolder;

    private static ServerForClients server;
    private static ServerForClients strict;
    private static OpenAIClient usual;

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

    private static OpenAIClient client(ServerForClients of, String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(of.baseUrl())
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder()
                .model(ServerForClients.MODEL)
                .addUserMessage("a")
                .temperature(0.0)
                .maxCompletionTokens(10);
    }

    @Test
    void theLinesOfTheReadmeWork() {
        String url = server.baseUrl();
        OpenAIClient client =
                OpenAIOkHttpClient.builder().baseUrl(url).apiKey("none").build();
        ChatCompletionCreateParams asked = ChatCompletionCreateParams.builder()
                .model("mor")
                .addUserMessage("Call me")
                .maxCompletionTokens(40)
                .temperature(0.0)
                .putAdditionalBodyProperty("max_depth", JsonValue.from(2))
                .build();
        StringBuilder said = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> pieces =
                client.chat().completions().createStreaming(asked)) {
            pieces.stream()
                    .flatMap(piece -> piece.choices().stream())
                    .forEach(choice -> choice.delta().content().ifPresent(said::append));
        }
        client.close();
        assertThat(said).isNotEmpty();
    }

    /// By default this client requests base64 and decodes it.
    @Test
    @Shows(Feature.EMBEDDINGS)
    void textsBecomeVectorsOfLengthOne() {
        CreateEmbeddingResponse response = usual.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model(ServerForClients.MODEL)
                        .inputOfArrayOfStrings(List.of("a", "b", "a"))
                        .build());
        List<List<Float>> vectors =
                response.data().stream().map(Embedding::embedding).toList();
        assertThat(vectors)
                .hasSize(3)
                .allSatisfy(vector -> assertThat(
                                vector.stream().mapToDouble(x -> (double) x * x).sum())
                        .isCloseTo(1, within(1e-5)));
        assertThat(vectors.get(2)).isEqualTo(vectors.get(0)).isNotEqualTo(vectors.get(1));
        assertThat(response.usage().promptTokens()).isEqualTo(3);
    }

    @Test
    @Shows({Feature.ANSWER, Feature.USAGE})
    void aConversationIsAnsweredWithItsUsage() {
        ChatCompletion completion = usual.chat()
                .completions()
                .create(chat().logprobs(true).topLogprobs(2).build());
        ChatCompletion.Choice choice = completion.choices().getFirst();
        assertThat(choice.message().content()).isPresent();
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
        assertThat(choice.logprobs().orElseThrow().content().orElseThrow()).hasSize(10);
        assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(10);
    }

    @Test
    void depthIsChosenByAnAdditionalProperty() {
        assertThat(atDepth("max_depth", 1)).isNotEqualTo(atDepth("min_depth", 3));
    }

    private static String atDepth(String bound, int depth) {
        return usual.chat()
                .completions()
                .create(chat().putAdditionalBodyProperty(bound, JsonValue.from(depth))
                        .build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
    }

    @Test
    @Shows({Feature.STREAM, Feature.USAGE})
    void aStreamIsTheSameAnswerInPiecesWithItsUsage() {
        String whole = usual.chat()
                .completions()
                .create(chat().build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
        StringBuilder pieces = new StringBuilder();
        long tokens = 0;
        try (StreamResponse<ChatCompletionChunk> stream = usual.chat()
                .completions()
                .createStreaming(chat().streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            for (ChatCompletionChunk chunk : stream.stream().toList()) {
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(pieces::append));
                tokens += chunk.usage().map(usage -> usage.completionTokens()).orElse(0L);
            }
        }
        assertThat(pieces.toString()).isEqualTo(whole);
        assertThat(tokens).isEqualTo(10);
    }

    @Test
    void aTextIsContinued() {
        Completion completion = usual.completions()
                .create(CompletionCreateParams.builder()
                        .model(ServerForClients.MODEL)
                        .prompt("the")
                        .echo(true)
                        .logprobs(1)
                        .maxTokens(4)
                        .build());
        assertThat(completion.choices().getFirst().text()).startsWith("the");
        assertThat(completion
                        .choices()
                        .getFirst()
                        .logprobs()
                        .orElseThrow()
                        .tokens()
                        .orElseThrow())
                .hasSize(7);
    }

    private static ResponseCreateParams.Builder response() {
        return ResponseCreateParams.builder()
                .model(ServerForClients.MODEL)
                .input("a")
                .temperature(0.0)
                .maxOutputTokens(10);
    }

    private static String text(Response response) {
        return response.output().getFirst().message().orElseThrow().content().stream()
                .map(part -> part.outputText().orElseThrow().text())
                .collect(Collectors.joining());
    }

    @Test
    void aResponseIsReadWithItsUsage() {
        Response response = usual.responses().create(response().build());
        assertThat(response.validate().status()).contains(ResponseStatus.INCOMPLETE);
        assertThat(text(response))
                .isEqualTo(usual.chat()
                        .completions()
                        .create(chat().build())
                        .choices()
                        .getFirst()
                        .message()
                        .content()
                        .orElseThrow());
        assertThat(response.usage().orElseThrow().outputTokens()).isEqualTo(10);
    }

    @Test
    void aResponseIsStreamedAsEvents() {
        StringBuilder pieces = new StringBuilder();
        List<Response> last = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> stream =
                usual.responses().createStreaming(response().build())) {
            stream.stream().map(ResponseStreamEvent::validate).forEach(event -> {
                event.outputTextDelta().ifPresent(delta -> pieces.append(delta.delta()));
                event.incomplete().ifPresent(done -> last.add(done.response()));
            });
        }
        assertThat(last).hasSize(1);
        assertThat(pieces.toString()).isEqualTo(text(last.getFirst()));
        assertThat(last.getFirst().usage().orElseThrow().outputTokens()).isEqualTo(10);
    }

    private static ResponseCreateParams call() {
        return response()
                .maxOutputTokens(60)
                .addTool(FunctionTool.builder()
                        .name("say")
                        .strict(true)
                        .parameters(FunctionTool.Parameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .putAdditionalProperty(
                                        "properties", JsonValue.from(Map.of("loud", Map.of("type", "boolean"))))
                                .putAdditionalProperty("required", JsonValue.from(List.of("loud")))
                                .putAdditionalProperty("additionalProperties", JsonValue.from(false))
                                .build())
                        .build())
                .toolChoice(ToolChoiceOptions.REQUIRED)
                .build();
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aRequiredFunctionIsCalled() {
        ResponseFunctionToolCall called = usual.responses()
                .create(call())
                .output()
                .getFirst()
                .functionCall()
                .orElseThrow();
        assertThat(called.name()).isEqualTo("say");
        assertThat(called.arguments().replace(" ", "")).isIn("{\"loud\":true}", "{\"loud\":false}");
        List<String> streamed = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> stream = usual.responses().createStreaming(call())) {
            stream.stream()
                    .map(ResponseStreamEvent::validate)
                    .forEach(event ->
                            event.functionCallArgumentsDone().ifPresent(done -> streamed.add(done.arguments())));
        }
        assertThat(streamed).containsExactly(called.arguments());
    }

    @Test
    void theModelIsListed() {
        assertThat(usual.models().list().data().stream()
                        .map(model -> model.id())
                        .toList())
                .isEqualTo(List.of(ServerForClients.MODEL));
        assertThat(usual.models().retrieve(ServerForClients.MODEL).ownedBy()).isEqualTo("saiki");
    }

    @Test
    @Shows(Feature.ERRORS)
    void errorsAreThoseOfTheClient() {
        assertThatThrownBy(() ->
                        usual.chat().completions().create(chat().model("gpt-9").build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("gpt-9");
        assertThatThrownBy(() -> usual.chat()
                        .completions()
                        .create(chat().maxCompletionTokens(100_000).build()))
                .isInstanceOfSatisfying(BadRequestException.class, error -> {
                    assertThat(error.code()).contains("context_length_exceeded");
                    assertThat(error.param()).contains("max_completion_tokens");
                });
    }

    private static ChatCompletion strictly(String key) {
        OpenAIClient own = client(strict, key);
        try {
            return own.chat().completions().create(chat().build());
        } finally {
            own.close();
        }
    }

    @Test
    @Shows(Feature.ERRORS)
    void aWrongKeyIsAnErrorOfAuthentication() {
        assertThat(strictly(ServerForClients.KEY).choices()).hasSize(1);
        assertThatThrownBy(() -> strictly("k-wrong")).isInstanceOfSatisfying(UnauthorizedException.class, error -> {
            assertThat(error.code()).contains("invalid_api_key");
            assertThat(error.type()).contains("authentication_error");
        });
    }

    @Test
    @Shows(Feature.ERRORS)
    void aKeyThatAsksTooOftenIsToldWhenItMayAskAgain() {
        assertThat(strictly(ServerForClients.ONCE).choices()).hasSize(1);
        assertThatThrownBy(() -> strictly(ServerForClients.ONCE))
                .isInstanceOfSatisfying(RateLimitException.class, error -> {
                    assertThat(error.code()).contains("rate_limit_exceeded");
                    assertThat(error.headers().values("Retry-After"))
                            .singleElement()
                            .satisfies(seconds ->
                                    assertThat(Integer.parseInt(seconds)).isBetween(1, 60));
                });
    }

    @Test
    void anErrorInTheMiddleOfAStreamIsToldAfterThePiecesBeforeIt() {
        StringBuilder pieces = new StringBuilder();
        OpenAIClient own = client(strict, ServerForClients.KEY);
        try (StreamResponse<ChatCompletionChunk> stream = own.chat()
                .completions()
                .createStreaming(chat().maxCompletionTokens(ServerForClients.TOO_MANY)
                        .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                        .build())) {
            assertThatThrownBy(() -> stream.stream()
                            .forEach(chunk -> chunk.choices()
                                    .forEach(choice -> choice.delta().content().ifPresent(pieces::append))))
                    .isInstanceOfSatisfying(
                            SseException.class,
                            error -> assertThat(error.code()).contains("request_timeout"));
        } finally {
            own.close();
        }
        assertThat(pieces).isNotEmpty();
    }

    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerIsAnObjectOfAClass(@TempDir Path other) throws IOException {
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            OpenAIClient own = client(roomy, "none");
            own.chat()
                    .completions()
                    .create(chat().temperature(1.0)
                            .maxCompletionTokens(ServerForClients.ROOM)
                            .responseFormat(Person.class)
                            .build())
                    .choices()
                    .getFirst()
                    .message()
                    .content()
                    .orElseThrow()
                    .isWhole();
            own.responses()
                    .create(response()
                            .temperature(1.0)
                            .maxOutputTokens(ServerForClients.ROOM)
                            .text(Person.class)
                            .build())
                    .output()
                    .getFirst()
                    .message()
                    .orElseThrow()
                    .content()
                    .getFirst()
                    .outputText()
                    .orElseThrow()
                    .isWhole();
            own.close();
        }
    }

    @Test
    @Shows(Feature.ABORT)
    void anAnswerIsLeft(@TempDir Path other) throws IOException {
        try (ServerForClients roomy = ServerForClients.roomy(other)) {
            OpenAIClient own = client(roomy, "none");
            roomy.notices(() -> {
                try (StreamResponse<ChatCompletionChunk> stream = own.chat()
                        .completions()
                        .createStreaming(chat().maxCompletionTokens(ServerForClients.TOO_MANY)
                                .build())) {
                    assertThat(stream.stream().findFirst()).isPresent();
                }
            });
            own.close();
        }
    }
}
