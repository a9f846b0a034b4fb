package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.key.Role;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.testkit.HeldThread;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Roles of keys, and their limits.
class AccessTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String TWO_TOKENS = "{\"prompt\":\"a\",\"max_tokens\":2,\"ignore_eos\":true}";

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        ApiKeys keys = ApiKeys.parse(
                List.of(
                        line("ahab", "k-ahab"),
                        line("starbuck", "k-starbuck", "user"),
                        line("ishmael", "k-ishmael", "operator"),
                        line("owners", "k-owners", "AUDITOR"),
                        line("few", "k-few", "requests=3"),
                        line("short", "k-short", "user", "tokens=20"),
                        line("twice", "k-twice", "requests=2"),
                        line("reader", "k-reader", "tokens=1"),
                        line("writer", "k-writer", "tokens=1")),
                "keys");
        AuditOptions audit =
                AuditOptions.of(AuditLocation.parse(folder.resolve("audit.db").toString()));
        server = TestServer.in(
                folder,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(keys).audit(audit));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String line(String name, String key, String... more) {
        return name + " " + hash(key) + " " + String.join(" ", more);
    }

    private static String hash(String key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TestServer.Answer get(String path, String key) {
        return server.get(path, "Authorization", "Bearer " + key);
    }

    private static TestServer.Answer ask(String key) {
        return server.post(COMPLETIONS, TWO_TOKENS, "Authorization", "Bearer " + key);
    }

    @Test
    void onlyOperatorsWatchTheServer() {
        for (String path : List.of("/metrics", "/slots", "/router")) {
            assertThat(get(path, "k-ishmael").status()).as(path).isEqualTo(200);
            for (String key : List.of("k-ahab", "k-starbuck", "k-owners")) {
                get(path, key).isError(403, "permission_error", "role");
            }
            server.get(path).isError(401, "authentication_error", "API key");
        }
    }

    @Test
    void auditorsAskTheModelNothing() {
        ask("k-owners").isError(403, "permission_error", "role");
        assertThat(get("/v1/models", "k-owners").status()).isEqualTo(200);
        assertThat(ask("k-ishmael").status()).isEqualTo(200);
    }

    private static int cached(String key, String prompt) {
        return server.post(
                        COMPLETIONS,
                        "{\"max_tokens\":1,\"prompt\":\"" + prompt + "\"}",
                        "Authorization",
                        "Bearer " + key)
                .succeeds()
                .at("/usage/prompt_tokens_details/cached_tokens")
                .intValue();
    }

    @Test
    void whatOneHasSentCannotBeFoundOutByAnother() {
        String secret = "call me anything but late for dinner, said the captain; and they laughed at him for it";
        assertThat(cached("k-ahab", secret)).isZero();
        assertThat(cached("k-starbuck", secret)).isZero();
        assertThat(cached("k-ishmael", secret)).isZero();
        assertThat(cached("k-ahab", secret)).isPositive();
        assertThat(cached("k-starbuck", secret)).isPositive();
    }

    @Test
    void wrongQueriesAreRefused() {
        get("/v1/audit?limit=0", "k-owners").isRefused("limit", "from 1 to 500");
        get("/v1/audit?limit=501", "k-owners").isRefused("limit", "from 1 to 500");
        get("/v1/audit?since=yesterday", "k-owners").isRefused("since", "2026-03-04", "yesterday");
        get("/v1/audit?since=%2B999999999-01-01", "k-owners").isRefused("since", "2026-03-04", "+999999999-01-01");
        get("/v1/audit?until=-0001-12-31T23:59:59Z", "k-owners").isRefused("until", "2026-03-04", "-0001-12-31");
        get("/v1/audit?since=0000-01-01&until=9999-12-31", "k-owners").succeeds();
        get("/v1/audit?status=abc", "k-owners").isRefused("status", "from 100 to 599");
    }

    @Test
    void aServerWithoutAuditSaysSo(@TempDir Path other) {
        try (TestServer plain = TestServer.in(other)) {
            plain.get("/v1/audit").isError(404, "invalid_request_error", "no audit");
            assertThat(plain.get("/metrics").status()).isEqualTo(200);
        }
    }

    @Test
    void aKeyAsksNoMoreOftenThanItMay() {
        for (int left = 2; left >= 0; left--) {
            TestServer.Answer answer = ask("k-few");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.raw().headers().firstValue("x-ratelimit-limit-requests"))
                    .contains("3");
            assertThat(answer.raw().headers().firstValue("x-ratelimit-remaining-requests"))
                    .contains(Integer.toString(left));
        }
        TestServer.Answer refused = ask("k-few");
        refused.isError(429, "rate_limit_error", "3 requests a minute");
        assertThat(refused.raw().headers().firstValue("Retry-After"))
                .hasValueSatisfying(
                        seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1, 20));
        assertThat(refused.raw().headers().firstValue("x-ratelimit-reset-requests"))
                .hasValueSatisfying(reset -> assertThat(reset).matches("[0-9]+\\.[0-9]{3}s"));
        assertThat(get("/v1/models", "k-few").status()).isEqualTo(200);
        assertThat(ask("k-ahab").status()).isEqualTo(200);
    }

    @Test
    void aKeyThatHasUsedItsTokensWaitsUntilItsDebtIsPaid() {
        String many = "{\"prompt\":\"a\",\"max_tokens\":40,\"ignore_eos\":true}";
        String[] key = {"Authorization", "Bearer k-short"};
        assertThat(server.post(COMPLETIONS, many, key).status()).isEqualTo(200);
        TestServer.Answer refused = server.post(COMPLETIONS, TWO_TOKENS, key);
        refused.isError(429, "rate_limit_error", "20 tokens a minute");
        assertThat(refused.raw().headers().firstValue("x-ratelimit-remaining-tokens"))
                .contains("0");
        // 41 tokens were used of 20: a token comes every three seconds, and 22 are missing.
        assertThat(refused.raw().headers().firstValue("Retry-After"))
                .hasValueSatisfying(
                        seconds -> assertThat(Integer.parseInt(seconds)).isBetween(55, 67));
    }

    private static TestServer.Answer post(String path, String body, String key) {
        return server.post(path, body, "Authorization", "Bearer " + key);
    }

    @Test
    void whatIsDoneWithoutTheModelCountsAsRequestsToo() {
        TestServer.Answer first = post("/tokenize", "{\"prompt\":\"a\"}", "k-twice");
        first.succeeds();
        assertThat(first.raw().headers().firstValue("x-ratelimit-remaining-requests"))
                .contains("1");
        post("/detokenize", "{\"tokens\":[1]}", "k-twice").succeeds();
        post("/tokenize", "{\"prompt\":\"a\"}", "k-twice").isError(429, "rate_limit_error", "2 requests a minute");
        post("/detokenize", "{\"tokens\":[1]}", "k-twice").isError(429, "rate_limit_error", "2 requests a minute");
        for (String path : List.of("/tokenizer_info", "/v1/audit", "/v1/audit/summary")) {
            get(path, "k-twice").isError(429, "rate_limit_error", "2 requests a minute");
        }
        assertThat(get("/v1/models", "k-twice").status()).isEqualTo(200);
    }

    @Test
    void theTokensOfTextsThatAreTakenApartOrPutTogetherCount() {
        post("/tokenize", "{\"prompt\":\"zzzzzzzz\"}", "k-reader").succeeds();
        post("/tokenize", "{\"prompt\":\"z\"}", "k-reader").isError(429, "rate_limit_error", "1 tokens a minute");
        post("/detokenize", "{\"tokens\":[1,2,3,4,5,6,7,8]}", "k-writer").succeeds();
        post("/detokenize", "{\"tokens\":[1]}", "k-writer").isError(429, "rate_limit_error", "1 tokens a minute");
        ask("k-writer").isError(429, "rate_limit_error", "1 tokens a minute");
    }

    /// The engine stands still when some of the text has been through the model, so that the client leaves
    /// before the rest has.
    @Test
    void anInspectionWhoseClientLeftCostsWhatWasComputed(@TempDir Path other) {
        ApiKeys keys = ApiKeys.parse(
                List.of(line("ahab", "k-ahab", "tokens=1"), line("owners", "k-owners", "auditor")), "keys");
        AuditOptions audit =
                AuditOptions.of(AuditLocation.parse(other.resolve("audit.db").toString()));
        int[] text = new int[200];
        byte[] request = RawClient.request(
                "/inspect", "{\"prompt\":" + Arrays.toString(text) + "}", "Authorization: Bearer k-ahab");
        String[] ahab = {"Authorization", "Bearer k-ahab"};
        String[] owners = {"Authorization", "Bearer k-owners"};
        try (TestServer own = TestServer.in(
                other,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(keys).audit(audit))) {
            try (RawClient client = new RawClient(own.port());
                    HeldThread afterNine = own.whileHeld(() -> {
                        client.send(request);
                        TestServer.await(() -> own.engine().waiting() == 1);
                        return HeldThread.at(own.engine().inspect(new int[9], 1, RouteSettings.MODEL));
                    })) {
                assertThat(afterNine.isHeld()).isTrue();
                client.leave();
                TestServer.await(() -> own.get("/v1/audit", ahab).status() == 429);
            }
            TestServer.await(
                    () -> !own.get("/v1/audit", owners).succeeds().get("data").isEmpty());
            JsonNode record =
                    own.get("/v1/audit", owners).succeeds().get("data").get(0);
            assertThat(record.get("status").intValue()).isEqualTo(499);
            int computed = record.at("/spending/prompt_tokens").intValue();
            assertThat(computed).isBetween(1, text.length - 1);
            int[] depths = own.engine().inspect(text, 1, RouteSettings.MODEL).join().stream()
                    .limit(computed)
                    .mapToInt(InspectedToken::depth)
                    .toArray();
            assertThat(record.at("/spending/flops").longValue())
                    .isEqualTo(SequenceCost.of(TestServer.config(), depths, Integer.MAX_VALUE, computed)
                            .flops());
        }
    }

    @Test
    void filesOfKeysSayWhatTheyAreFor() {
        ApiKeys keys = ApiKeys.parse(
                List.of(line("old", "k1"), line("new", "k2", "requests=5", "operator", "tokens=1000")), "keys");
        assertThat(keys.find("k1")).contains(new ApiKey("old", Role.USER, OptionalLong.empty(), OptionalLong.empty()));
        assertThat(keys.find("k2"))
                .contains(new ApiKey("new", Role.OPERATOR, OptionalLong.of(5), OptionalLong.of(1000)));
        assertThat(keys.find("k3")).isEmpty();
        for (String wrong : List.of("king", "requests=0", "tokens=-1", "tokens=9999999999999", "requests")) {
            assertThatThrownBy(() -> ApiKeys.parse(List.of(line("a", "k", wrong)), "keys"))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("keys, line 1")
                    .hasMessageContaining("auditor")
                    .hasMessageContaining("got " + wrong + "; `saiki keys add` writes such a line")
                    .hasMessageNotContaining(hash("k"));
        }
    }
}
