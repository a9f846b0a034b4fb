package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.ai.openai.OpenAIClient;
import com.azure.ai.openai.OpenAIClientBuilder;
import com.azure.ai.openai.models.ChatChoice;
import com.azure.ai.openai.models.ChatCompletionStreamOptions;
import com.azure.ai.openai.models.ChatCompletions;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolCall;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolDefinition;
import com.azure.ai.openai.models.ChatCompletionsFunctionToolDefinitionFunction;
import com.azure.ai.openai.models.ChatCompletionsJsonSchemaResponseFormat;
import com.azure.ai.openai.models.ChatCompletionsJsonSchemaResponseFormatJsonSchema;
import com.azure.ai.openai.models.ChatCompletionsOptions;
import com.azure.ai.openai.models.ChatCompletionsToolSelection;
import com.azure.ai.openai.models.ChatCompletionsToolSelectionPreset;
import com.azure.ai.openai.models.ChatRequestAssistantMessage;
import com.azure.ai.openai.models.ChatRequestMessage;
import com.azure.ai.openai.models.ChatRequestToolMessage;
import com.azure.ai.openai.models.ChatRequestUserMessage;
import com.azure.ai.openai.models.EmbeddingItem;
import com.azure.ai.openai.models.EmbeddingsOptions;
import com.azure.core.credential.AzureKeyCredential;
import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.core.util.BinaryData;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Azure's client, which sends its key only over TLS.
@Client(artifact = "com.azure:azure-ai-openai", type = OpenAIClient.class, lacks = Feature.ABORT)
class AzureOpenAiTest {

    private static final Map<String, Object> WHOLE_NUMBER = Map.of("type", "integer");

    @TempDir
    private static Path folder;

    private static OwnCertificate certificate;
    private static ServerForClients server;
    private static OpenAIClient usual;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        certificate = OwnCertificate.in(folder);
        server = ServerForClients.secured(folder, certificate);
        usual = client(ServerForClients.KEY);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static OpenAIClient client(String key) {
        HttpClient.Builder http = HttpClient.newBuilder().sslContext(certificate.trusting());
        return new OpenAIClientBuilder()
                .endpoint(server.origin())
                .credential(new AzureKeyCredential(key))
                .retryOptions(new RetryOptions(new FixedDelayOptions(0, Duration.ofMillis(1))))
                .httpClient(new JdkHttpClientBuilder(http).build())
                .buildClient();
    }

    private static ChatCompletionsOptions chat(int maxTokens, ChatRequestMessage... more) {
        List<ChatRequestMessage> messages = new ArrayList<>(List.of(new ChatRequestUserMessage("a")));
        messages.addAll(List.of(more));
        return new ChatCompletionsOptions(messages).setTemperature(0.0).setMaxCompletionTokens(maxTokens);
    }

    private static ChatCompletions asked(OpenAIClient client, ChatCompletionsOptions options) {
        return client.getChatCompletions(ServerForClients.MODEL, options);
    }

    private static String content(ChatCompletions answer) {
        return answer.getChoices().getFirst().getMessage().getContent();
    }

    @Test
    @Shows({Feature.ANSWER, Feature.STREAM, Feature.USAGE})
    void anAnswerComesWholeAndInPieces() {
        ChatCompletions whole = asked(usual, chat(10));
        assertThat(content(whole)).isNotEmpty();
        assertThat(whole.getUsage().getCompletionTokens()).isEqualTo(10);

        StringBuilder said = new StringBuilder();
        int counted = 0;
        for (ChatCompletions piece : usual.getChatCompletionsStream(
                ServerForClients.MODEL, chat(10), new ChatCompletionStreamOptions().setIncludeUsage(true))) {
            for (ChatChoice choice : piece.getChoices()) {
                said.append(Objects.requireNonNullElse(choice.getDelta().getContent(), ""));
            }
            if (piece.getUsage() != null) {
                counted = piece.getUsage().getCompletionTokens();
            }
        }
        assertThat(said.toString()).isEqualTo(content(whole));
        assertThat(counted).isEqualTo(10);
    }

    private static BinaryData object(Map<String, Object> properties) {
        return BinaryData.fromObject(Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                List.copyOf(properties.keySet()),
                "additionalProperties",
                false));
    }

    @Test
    @Shows(Feature.FUNCTIONS)
    void aFunctionIsCalledAndItsResultTakenIn() {
        ChatCompletionsFunctionToolDefinitionFunction say = new ChatCompletionsFunctionToolDefinitionFunction("say")
                .setParameters(object(Map.of("loud", Map.of("type", "boolean"))))
                .setStrict(true);
        ChatCompletionsFunctionToolCall call = (ChatCompletionsFunctionToolCall) asked(
                        usual,
                        chat(200)
                                .setTools(List.of(new ChatCompletionsFunctionToolDefinition(say)))
                                .setToolChoice(
                                        new ChatCompletionsToolSelection(ChatCompletionsToolSelectionPreset.REQUIRED)))
                .getChoices()
                .getFirst()
                .getMessage()
                .getToolCalls()
                .getFirst();
        assertThat(call.getFunction().getName()).isEqualTo("say");
        assertThat(call.getFunction().getArguments().replace(" ", "")).isIn("{\"loud\":true}", "{\"loud\":false}");
        ChatCompletions after = asked(
                usual,
                chat(
                        10,
                        new ChatRequestAssistantMessage("").setToolCalls(List.of(call)),
                        new ChatRequestToolMessage("done", call.getId())));
        assertThat(content(after)).isNotEmpty();
    }

    @Test
    @Shows(Feature.SCHEMA)
    void anAnswerHasTheFormOfASchema() {
        Map<String, Object> address = Map.of("number", WHOLE_NUMBER, "colour", Map.of("enum", List.of("RED", "GREEN")));
        BinaryData schema = object(Map.of(
                "age",
                WHOLE_NUMBER,
                "tall",
                Map.of("type", "boolean"),
                "name",
                Map.of("type", "string"),
                "address",
                object(address).toObject(Map.class),
                "likes",
                Map.of("enum", List.of("RED", "GREEN")),
                "others",
                Map.of("type", "array", "items", Map.of("enum", List.of("RED", "GREEN")))));
        ChatCompletions answer = asked(
                usual,
                chat(ServerForClients.ROOM)
                        .setTemperature(1.0)
                        .setSeed(1L)
                        .setResponseFormat(new ChatCompletionsJsonSchemaResponseFormat(
                                new ChatCompletionsJsonSchemaResponseFormatJsonSchema("person")
                                        .setStrict(true)
                                        .setSchema(schema))));
        JsonMapper.shared().readValue(content(answer), Person.class).isWhole();
    }

    @Test
    @Shows(Feature.EMBEDDINGS)
    void textsBecomeVectors() {
        List<EmbeddingItem> vectors = usual.getEmbeddings(
                        ServerForClients.MODEL, new EmbeddingsOptions(List.of("a", "b", "a")))
                .getData();
        assertThat(vectors).hasSize(3);
        assertThat(vectors.get(2).getEmbedding())
                .isEqualTo(vectors.get(0).getEmbedding())
                .isNotEqualTo(vectors.get(1).getEmbedding());
    }

    private static void isRefused(OpenAIClient client, ChatCompletionsOptions options, int status, String message) {
        assertThatThrownBy(() -> asked(client, options))
                .isInstanceOfSatisfying(
                        HttpResponseException.class,
                        error -> assertThat(error.getResponse().getStatusCode()).isEqualTo(status))
                .hasMessageContaining(message);
    }

    @Test
    @Shows(Feature.ERRORS)
    void refusalsAreItsExceptions() {
        assertThatThrownBy(() -> usual.getChatCompletions("gpt-9", chat(2)))
                .isInstanceOf(ResourceNotFoundException.class)
                .hasMessageContaining("gpt-9");
        assertThatThrownBy(() -> asked(client("k-wrong"), chat(2))).isInstanceOf(ClientAuthenticationException.class);
        isRefused(usual, chat(2).setTopP(7.0), 400, "top_p");
        OpenAIClient once = client(ServerForClients.ONCE);
        assertThat(asked(once, chat(2)).getChoices()).hasSize(1);
        isRefused(once, chat(2), 429, "1 requests a minute");
    }
}
