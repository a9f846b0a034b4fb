package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.AllowedOrigins;
import dev.saiki.io.InputException;
import dev.saiki.server.TestServer.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A browser's requests to a server that has keys and allows the pages of two other sites.
class BrowserTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String FRIEND = "https://chat.example.com";
    private static final String KEY = "0123456789abcdef";
    private static final String HASH = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(ApiKeys.parse(List.of("team " + HASH), "keys"))
                        .allowedOrigins(AllowedOrigins.of(List.of("https://Chat.example.com/", "tauri://localhost"))));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer preflight(String origin) {
        return server.send(server.request(
                        CHAT,
                        "Origin",
                        origin,
                        "Access-Control-Request-Method",
                        "POST",
                        "Access-Control-Request-Headers",
                        "authorization,content-type,x-stainless-os")
                .method("OPTIONS", BodyPublishers.noBody()));
    }

    private static Optional<String> header(Answer answer, String name) {
        return answer.raw().headers().firstValue(name);
    }

    @Test
    void aPageOfAnAllowedSiteMayAskWithoutAKeyWhetherItMayAsk() {
        for (String origin : List.of(FRIEND, "tauri://localhost")) {
            Answer answer = preflight(origin);
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.raw().body()).isEmpty();
            assertThat(header(answer, "Access-Control-Allow-Origin")).contains(origin);
            assertThat(header(answer, "Access-Control-Allow-Headers"))
                    .contains("authorization,content-type,x-stainless-os");
            assertThat(header(answer, "Access-Control-Allow-Methods"))
                    .hasValueSatisfying(methods -> assertThat(methods).contains("POST", "GET"));
        }
    }

    @Test
    void aPageOfAnotherSiteIsToldWhatWouldLetIt() {
        preflight("https://attacker.example")
                .isError(403, "permission_error", "https://attacker.example", "--allowed-origins");
        Answer asked = server.get("/v1/models", "Origin", "https://attacker.example", "Authorization", "Bearer " + KEY);
        assertThat(header(asked, "Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void whatAnAllowedPageAsksItCanReadErrorsToo() {
        Answer answered = server.get("/v1/models", "Origin", FRIEND, "Authorization", "Bearer " + KEY);
        answered.succeeds();
        Answer refused = server.get("/v1/models", "Origin", FRIEND);
        refused.isError(401, "authentication_error");
        for (Answer answer : List.of(answered, refused)) {
            assertThat(header(answer, "Access-Control-Allow-Origin")).contains(FRIEND);
            assertThat(header(answer, "Access-Control-Expose-Headers")).contains("*");
            assertThat(header(answer, "Vary")).contains("Origin");
        }
    }

    @Test
    void whoeverHasNoKeyIsToldTheScheme() {
        for (Answer answer :
                List.of(server.get("/v1/models"), server.get("/v1/models", "Authorization", "Bearer wrong"))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(header(answer, "WWW-Authenticate")).contains("Bearer");
        }
    }

    @Test
    void withoutKeysAnAllowedSiteAndNoOtherIsAnswered(@TempDir Path other) {
        try (TestServer open = TestServer.in(
                other,
                EngineOptions.builder().threads(1).build(),
                options -> options.allowedOrigins(AllowedOrigins.of(List.of(FRIEND))))) {
            open.get("/v1/models", "Origin", FRIEND).succeeds();
            open.get("/v1/models", "Origin", "https://attacker.example")
                    .isError(403, "permission_error", "--allowed-origins");
        }
    }

    @Test
    void allOriginsCanBeAllowedAndWhatIsNoneIsNamed() {
        assertThat(AllowedOrigins.of(List.of("*")).allows("null")).isTrue();
        assertThat(AllowedOrigins.NONE.allows(FRIEND)).isFalse();
        for (String wrong : List.of("chat.example.com", "https://chat.example.com/page", "")) {
            assertThatThrownBy(() -> AllowedOrigins.of(List.of(wrong)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("must be * or a scheme and a host")
                    .hasMessageEndingWith("got " + wrong);
        }
    }

    @Test
    void theRootLeadsToThePagesAndHasAnIcon() {
        Answer root = server.get("/");
        assertThat(root.status()).isEqualTo(307);
        assertThat(header(root, "Location")).contains("ui/dashboard");
        Answer icon = server.get("/favicon.ico");
        assertThat(icon.status()).isEqualTo(200);
        assertThat(header(icon, "Content-Type")).contains("image/svg+xml");
        assertThat(icon.raw().body()).contains("<svg");
    }

    /// A body after the head of a HEAD answer would be read as part of the next answer.
    @Test
    void everyPathThatIsReadGivesItsHeadAlone() {
        int heads = 0;
        for (String operation : server.server().operations()) {
            String path = operation.substring(operation.indexOf(' ') + 1).replaceAll("\\{\\w+}", "x");
            if (operation.startsWith("GET ")) {
                Answer whole = server.get(path, "Authorization", "Bearer " + KEY);
                Answer head = server.send(
                        server.request(path, "Authorization", "Bearer " + KEY).method("HEAD", BodyPublishers.noBody()));
                assertThat(head.status()).as(path).isEqualTo(whole.status());
                assertThat(head.raw().body()).isEmpty();
                assertThat(header(head, "Content-Type")).isEqualTo(header(whole, "Content-Type"));
                heads++;
            }
        }
        assertThat(heads).isGreaterThan(15);
        Answer models = server.get("/v1/models", "Authorization", "Bearer " + KEY);
        Answer head = server.send(
                server.request("/v1/models", "Authorization", "Bearer " + KEY).method("HEAD", BodyPublishers.noBody()));
        assertThat(header(head, "Content-Length"))
                .contains(Integer.toString(models.raw().body().length()));
        Answer wrong = server.send(
                server.request(CHAT, "Authorization", "Bearer " + KEY).method("HEAD", BodyPublishers.noBody()));
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(header(wrong, "Allow")).contains("POST");
    }
}
