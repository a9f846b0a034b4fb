package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.TestServer.Answer;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Fields and paths that clients of other servers use by default.
class ClientFieldsTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"the sea?\"}]";
    private static final String BRIEF = ",\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":8";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode chat(String fields) {
        return server.post(CHAT, "{" + MESSAGES + BRIEF + fields + "}").succeeds();
    }

    private static JsonNode depths(JsonNode answer) {
        return answer.at("/usage/recursions/histogram");
    }

    @ParameterizedTest
    @CsvSource({"none, 0", "minimal, 0.25", "low, 0.375", "medium, 0.5", "high, 1"})
    void aWordForEffortIsAPlaceOfTheDial(String word, String effort) {
        String wanted = ",\"effort\":" + effort;
        JsonNode expected = depths(chat(wanted));
        assertThat(depths(chat(",\"reasoning_effort\":\"" + word + "\""))).isEqualTo(expected);
        assertThat(depths(chat(",\"reasoning_effort\":\"max\"" + wanted))).isEqualTo(expected);
        JsonNode response = server.post(
                        RESPONSES,
                        "{\"input\":\"the sea?\",\"temperature\":0,\"ignore_eos\":true,\"max_output_tokens\":8,"
                                + "\"reasoning\":{\"effort\":\"" + word + "\"}}")
                .succeeds();
        assertThat(depths(response)).isEqualTo(expected);
        assertThat(response.at("/reasoning/effort").stringValue()).isEqualTo(word);
        JsonNode message = server.post(
                        "/v1/messages", "{" + MESSAGES + BRIEF + ",\"output_config\":{\"effort\":\"" + word + "\"}}")
                .succeeds();
        assertThat(depths(message)).isEqualTo(expected);
    }

    @Test
    void anUnknownWordForEffortIsNamed() {
        server.post(CHAT, "{" + MESSAGES + ",\"reasoning_effort\":\"much\"}")
                .isRefused("reasoning_effort", "one of none, minimal, low, medium, high, xhigh, max", "got \"much\"");
        server.post(CHAT, "{" + MESSAGES + ",\"verbosity\":\"chatty\"}").isRefused("verbosity", "low, medium or high");
    }

    @Test
    void whatHasNoEffectIsTaken() {
        JsonNode plain = chat("").at("/choices/0/message/content");
        assertThat(chat(",\"verbosity\":\"high\",\"prediction\":{\"type\":\"content\",\"content\":\"x\"}")
                        .at("/choices/0/message/content"))
                .isEqualTo(plain);
    }

    @Test
    void aWholeNumberMayBeWrittenWithAPoint() {
        JsonNode answer = server.post(
                        COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":2.0,\"ignore_eos\":true,\"seed\":1e2}")
                .succeeds();
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(2);
        server.post(COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":2.5}").isRefused("max_tokens", "an integer", "2.5");
    }

    @Test
    void aDepthThatTheModelHasNotIsRefused() {
        chat(",\"max_depth\":3");
        server.post(CHAT, "{" + MESSAGES + ",\"max_depth\":4}").isRefused("max_depth", "from 1 to 3", "got 4");
    }

    @Test
    void aModelWithoutRecursionsHasNoneToBound(@TempDir Path other) throws IOException {
        ModelConfig config = TestServer.config()
                .withRecursion(Optional.empty(), TinyModels.vanilla().routing(), KeyValueSharing.NONE);
        CheckpointDirectory model = RandomCheckpoint.write(other.resolve("model"), config, 1);
        Engine engine = Engine.open(
                model, TestServer.TOKENIZER, EngineOptions.builder().threads(1).build());
        try (TestServer vanilla = TestServer.of(engine, options -> options)) {
            vanilla.post(COMPLETIONS, "{\"prompt\":[1,2],\"max_tokens\":1,\"max_depth\":4}")
                    .succeeds();
        }
    }

    @Test
    void aResponseRepeatsTheFormOfItsText() {
        String format = "{\"type\":\"json_schema\",\"name\":\"a\",\"strict\":true,\"schema\":{\"type\":\"boolean\"}}";
        JsonNode bound = server.post(RESPONSES, "{\"input\":\"a\",\"text\":{\"format\":" + format + "}}")
                .succeeds();
        assertThat(bound.at("/text/format")).isEqualTo(TestServer.parse(format));
        assertThat(bound.at("/output/0/content/0/text").stringValue()).isIn("true", "false");
        JsonNode plain = server.post(
                        RESPONSES, "{\"input\":\"a\",\"max_output_tokens\":1,\"text\":{\"verbosity\":\"low\"}}")
                .succeeds();
        assertThat(plain.get("text"))
                .isEqualTo(TestServer.parse("{\"format\":{\"type\":\"text\"},\"verbosity\":\"low\"}"));
    }

    @Test
    void theFormsOfHuggingFacesServerBind() {
        String json = ",\"response_format\":{\"type\":\"json\",\"value\":{\"enum\":[\"sea\",\"ship\"]}}";
        assertThat(chat(json).at("/choices/0/message/content").stringValue()).isIn("\"sea\"", "\"ship\"");
        assertThat(chat(",\"response_format\":{\"type\":\"regex\",\"value\":\"(sea|ship)\"}")
                        .at("/choices/0/message/content")
                        .stringValue())
                .isIn("sea", "ship");
        server.post(CHAT, "{" + MESSAGES + ",\"response_format\":{\"type\":\"json\"}}")
                .isRefused("response_format", "needs a value");
    }

    /// zod and others refuse one of a version or variant that there is not.
    @Test
    void aUuidIsOneThatStrictValidatorsTake() {
        String form = ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"id\",\"strict\":true,"
                + "\"schema\":{\"type\":\"string\",\"format\":\"uuid\"}}}";
        for (int seed = 0; seed < 8; seed++) {
            JsonNode answer = server.post(CHAT, "{" + MESSAGES + ",\"seed\":" + seed + form + "}")
                    .succeeds();
            assertThat(answer.at("/choices/0/message/content").stringValue())
                    .matches("\"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\"");
        }
    }

    @Test
    void azuresPathsAreOpenAis() {
        JsonNode expected = chat("").at("/choices/0/message/content");
        for (String path : List.of(
                "/openai/deployments/tiny/chat/completions?api-version=2024-10-21",
                "/openai/v1/chat/completions",
                "/openai/chat/completions?api-version=preview")) {
            assertThat(server.post(path, "{" + MESSAGES + BRIEF + "}")
                            .succeeds()
                            .at("/choices/0/message/content"))
                    .isEqualTo(expected);
        }
        server.post("/openai/deployments/tiny/embeddings", "{\"input\":\"a\"}").succeeds();
        server.get("/openai/v1/models").succeeds();
        server.post("/openai/deployments/gpt-9/chat/completions", "{" + MESSAGES + "}")
                .isError(404, "invalid_request_error", "gpt-9", "tiny");
        server.get("/openai/deployments/tiny/nothing").isError(404, "invalid_request_error", "no endpoint at ");
    }

    @Test
    void aKeyMayComeInAzuresHeaderAndInAnthropics(@TempDir Path other) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("secret".getBytes(StandardCharsets.UTF_8));
        ApiKeys keys = ApiKeys.parse(List.of("team " + HexFormat.of().formatHex(hash)), "keys");
        try (TestServer guarded =
                TestServer.in(other, EngineOptions.builder().threads(1).build(), options -> options.apiKeys(keys))) {
            for (String header : List.of("api-key", "x-api-key")) {
                guarded.get("/v1/models", header, "secret").succeeds();
                Answer wrong = guarded.get("/openai/v1/models", header, "guess");
                wrong.isError(401, "authentication_error", "does not know this API key");
            }
        }
    }
}
