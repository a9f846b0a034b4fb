package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.ContentHash;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.io.InputException;
import dev.saiki.server.TestServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class BasicEndpointsTest {

    private static final String KEY = "correct horse battery staple";
    private static final String HASH = "c4bbcb1fbec99d65bf59d85c8cb62ee2db963f0fe106f483d9afa73bd4e39a8a";

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

    @Test
    void healthSaysOkWhileTheServerTakesWork() {
        for (String path : List.of("/health", "/health/live", "/health/ready", "/v1/health", "/ping")) {
            assertThat(server.get(path).succeeds().get("status").stringValue()).isEqualTo("ok");
        }
    }

    @Test
    void aServerIsNotReadyWhileItsQueueIsAsFullAsItMayBeAndRefusesNobodyYet(@TempDir Path other) throws IOException {
        EngineOptions options =
                EngineOptions.builder().threads(1).maxSequences(1).maxWaiting(4).build();
        String slow = "{\"prompt\":\"a\",\"ignore_eos\":true,\"stream\":true,\"max_tokens\":60000}";
        try (TestServer busy = TestServer.in(other, 65_536, options, change -> change.unreadyFrom(0.5));
                InputStream _ = busy.open("/v1/completions", slow).body()) {
            TestServer.await(() -> busy.engine().statistics().running() == 1);
            assertThat(busy.get("/health/ready").status()).isEqualTo(200);
            try (InputStream _ = busy.open("/v1/completions", slow).body();
                    InputStream _ = busy.open("/v1/completions", slow).body()) {
                TestServer.await(() -> busy.engine().waiting() == 2);
                assertThat(busy.get("/health/ready").status()).isEqualTo(503);
                assertThat(busy.get("/health/live").status()).isEqualTo(200);
            }
            TestServer.await(() -> busy.get("/health/ready").status() == 200);
        }
    }

    @Test
    void healthTellsLivingFromReady(@TempDir Path other) {
        try (TestServer ending = TestServer.in(other)) {
            assertThat(ending.server().drain()).isTrue();
            assertThat(ending.get("/health/live").status()).isEqualTo(200);
            assertThat(ending.get("/health/ready").status()).isEqualTo(503);
            for (String path : List.of("/health", "/v1/health", "/ping")) {
                JsonNode body = ending.get(path).json();
                assertThat(body.get("status").stringValue()).isEqualTo("unavailable");
                assertThat(body.at("/error/code").intValue()).isEqualTo(503);
                assertThat(body.at("/error/type").stringValue()).isEqualTo("unavailable_error");
            }
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        JsonNode version = server.get("/version").succeeds();
        assertThat(version.get("version").stringValue()).startsWith("0.");
        assertThat(version.get("device").stringValue()).isEqualTo("cpu");
        assertThat(version.get("threads").intValue())
                .isEqualTo(server.engine().options().threads());
        assertThat(version.at("/model/content_hash").stringValue())
                .isEqualTo(ContentHash.of(server.engine().checkpoint()));
        assertThat(version.at("/model").has("one_pass")).isTrue();
        assertThat(version.at("/model/one_pass").isNull())
                .describedAs("a model that was not deepened")
                .isTrue();
        // Without a repository, the commit is unknown.
        assertThat(version.get("commit").stringValue("0".repeat(40))).matches("[0-9a-f]{40}(-dirty)?");
    }

    @Test
    void theOneModelIsListed() {
        JsonNode body = server.get("/v1/models").succeeds();
        assertThat(body.get("object").stringValue()).isEqualTo("list");
        assertThat(body.get("data")).hasSize(1);
        JsonNode model = body.get("data").get(0);
        assertThat(model.get("id").stringValue()).isEqualTo(TestServer.MODEL);
        assertThat(model.get("object").stringValue()).isEqualTo("model");
        assertThat(model.get("created").longValue()).isPositive();
        assertThat(model.get("max_model_len").intValue()).isEqualTo(TestServer.CONTEXT);
        assertThat(model.get("meta").get("num_recursions").intValue()).isEqualTo(3);
        assertThat(model.get("meta").get("effort_grid")).hasSize(4);
        assertThat(server.get("/v1/models/" + TestServer.MODEL).succeeds()).isEqualTo(model);
    }

    @Test
    void anUnknownModelIsNotFound() {
        Answer answer = server.get("/v1/models/gpt-9");
        answer.isError(404, "invalid_request_error", "gpt-9", TestServer.MODEL);
        assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("model_not_found");
    }

    @Test
    void anUnknownPathIsNotFound() {
        server.get("/v2/models").isError(404, "invalid_request_error", "/openapi.json");
        server.get("/v1/models/")
                .isError(404, "invalid_request_error", "no endpoint at /v1/models/", "did you mean /v1/models,");
    }

    @ParameterizedTest
    @CsvSource({
        "/chat/completions, /v1/chat/completions",
        "/v1/v1/chat/completions, /v1/chat/completions",
        "/embeddings/, /v1/embeddings"
    })
    void aWrongBaseUrlIsToldTheRightOne(String asked, String meant) {
        server.post(asked, "{}")
                .isError(
                        404,
                        "invalid_request_error",
                        "no endpoint at " + asked,
                        "did you mean " + meant + "?",
                        "base URL of a client must end in exactly one /v1");
        server.post("/v1/v1/messages", "{}")
                .isError(404, "invalid_request_error", "did you mean /v1/messages?", "must end before /v1");
    }

    @Test
    void aWrongMethodIsToldTheRightOne() {
        Answer answer = server.send(server.request("/v1/models").DELETE());
        answer.isError(405, "invalid_request_error", "GET");
        assertThat(answer.raw().headers().firstValue("Allow")).contains("GET, HEAD");
    }

    @Test
    void theRequestsIdComesBackAndIsMadeWhereThereIsNone() {
        assertThat(server.get("/health", "X-Request-Id", "abc-1")
                        .raw()
                        .headers()
                        .firstValue("X-Request-Id"))
                .contains("abc-1");
        assertThat(server.get("/nowhere").raw().headers().firstValue("X-Request-Id"))
                .hasValueSatisfying(id -> assertThat(id).hasSize(36));
        assertThat(server.get("/health", "X-Request-Id", "a b").raw().headers().firstValue("X-Request-Id"))
                .hasValueSatisfying(id -> assertThat(id).hasSize(36));
    }

    @Test
    void whatIsNoHttpIsAnsweredInTheSameForm() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET /a b c HTTP/9.9\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 4").contains("\"error\":{").doesNotContain("Exception");
        }
    }

    @Test
    void aPortThatIsTakenIsNamed(@TempDir Path other) {
        assertThatThrownBy(() ->
                        TestServer.in(other, EngineOptions.DEFAULT, options -> options.at("127.0.0.1", server.port())))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("port " + server.port() + " of 127.0.0.1");
    }

    @Test
    void aHostThatIsNotThisMachinesIsNamed(@TempDir Path other) {
        assertThatThrownBy(() -> TestServer.in(other, EngineOptions.DEFAULT, options -> options.at("192.0.2.1", 0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("192.0.2.1");
    }

    @Test
    void withKeysOnlyTheirOwnersAreAnswered(@TempDir Path other) {
        ApiKeys keys = ApiKeys.parse(List.of("# ours", "", "team " + HASH), "keys");
        try (TestServer guarded = TestServer.in(other, EngineOptions.DEFAULT, options -> options.apiKeys(keys))) {
            guarded.get("/v1/models").isError(401, "authentication_error", "Authorization");
            Answer wrong = guarded.get("/v1/models", "Authorization", "Bearer nonsense");
            wrong.isError(401, "authentication_error", "does not know this API key");
            assertThat(wrong.raw().headers().firstValue("WWW-Authenticate")).contains("Bearer");
            assertThat(guarded.get("/v1/models", "Authorization", "Bearer " + KEY)
                            .status())
                    .isEqualTo(200);
            for (String open : List.of("/health", "/v1/health", "/ping")) {
                assertThat(guarded.get(open).status()).isEqualTo(200);
            }
            assertThat(guarded.get("/load").status()).isEqualTo(401);
        }
    }

    @Test
    void linesThatAreNoKeysAreNamedButNotShown() {
        assertThatThrownBy(() -> ApiKeys.parse(List.of("team " + HASH, "team secret"), "keys"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("keys, line 2")
                .hasMessageContaining("got a second word of 6 characters; `saiki keys add` writes such a line")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> ApiKeys.parse(List.of("#"), "keys")).hasMessageContaining("at least one key");
    }

    @Test
    void aServerThatEndsStillAnswersWhatNeedsNoWork(@TempDir Path other) {
        try (TestServer ending =
                TestServer.in(other, EngineOptions.DEFAULT, options -> options.drainTime(Duration.ZERO))) {
            ending.server().drain();
            assertThat(ending.get("/v1/models").status()).isEqualTo(200);
            assertThat(ending.send(ending.request("/health").method("GET", HttpRequest.BodyPublishers.noBody()))
                            .status())
                    .isEqualTo(503);
        }
    }
}
