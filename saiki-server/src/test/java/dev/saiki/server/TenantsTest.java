package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The requests of one key change nothing for another: neither depths nor texts nor headers.
class TenantsTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final int AT_ONCE = 8;

    /// A distribution so different from this model's that any traffic looks like drift.
    private static final Map<String, Double> ELSEWHERE = Map.of(
            Manifest.DEPTH_SHARE + 1,
            0.01,
            Manifest.DEPTH_SHARE + 2,
            0.01,
            Manifest.DEPTH_SHARE + 3,
            0.98,
            Manifest.REFERENCE_DEPTH,
            2.0);

    @TempDir
    private Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        Engine engine = Engine.open(
                RandomCheckpoint.write(
                        folder.resolve("model"),
                        TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), TestServer.CONTEXT),
                        11,
                        Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, ELSEWHERE),
                        tensor -> tensor),
                TestServer.TOKENIZER,
                EngineOptions.builder()
                        .threads(1)
                        .breaker(new BreakerOptions(256, 0.4, Duration.ofHours(1)))
                        .build());
        ApiKeys keys =
                ApiKeys.parse(List.of(line("quiet", "user"), line("loud", "user"), line("watch", "operator")), "keys");
        server = TestServer.of(engine, options -> options.apiKeys(keys));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String line(String name, String role) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return name + " " + HexFormat.of().formatHex(hash) + " " + role;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private TestServer.Answer ask(String key, String prompt) {
        return server.post(
                COMPLETIONS,
                "{\"prompt\":\"" + prompt + "\",\"temperature\":1,\"seed\":3,\"ignore_eos\":true,\"max_tokens\":8,"
                        + "\"return_depths\":true}",
                "Authorization",
                "Bearer " + key);
    }

    /// The quiet key's view of the breaker.
    private record Seen(String text, String depths, Optional<String> router, Optional<String> shed, int overruled) {

        static Seen of(TestServer.Answer answer) {
            JsonNode body = answer.succeeds();
            JsonNode choice = body.get("choices").get(0);
            return new Seen(
                    choice.get("text").stringValue(),
                    choice.get("depths").toString(),
                    answer.raw().headers().firstValue("Saiki-Router"),
                    answer.raw().headers().firstValue("Saiki-Shed"),
                    body.get("usage").get("recursions").get("overruled_tokens").intValue());
        }
    }

    private Seen quiet() {
        return Seen.of(ask("quiet", "the captain of the ship"));
    }

    private void loud(int requests, IntFunction<String> prompts) throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> done = new ArrayList<>();
            for (int client = 0; client < AT_ONCE; client++) {
                int first = client;
                done.add(clients.submit(() -> {
                    for (int i = first; i < requests; i += AT_ONCE) {
                        ask("loud", prompts.apply(i)).succeeds();
                    }
                }));
            }
            for (Future<?> client : done) {
                client.get();
            }
        }
    }

    private JsonNode router() {
        return server.get("/router", "Authorization", "Bearer watch").succeeds();
    }

    private String stateOf(String key) {
        for (JsonNode entry : router().get("keys")) {
            if (entry.get("key").stringValue().equals(key)) {
                return entry.get("state").stringValue();
            }
        }
        return "unknown";
    }

    private void repeat(int requests) throws InterruptedException, ExecutionException {
        Seen before = quiet();
        loud(requests, _ -> "the whale and the sea");
        assertThat(quiet()).isEqualTo(before);
        assertThat(router().get("state").stringValue()).isEqualTo("closed");
        assertThat(router().get("trips").get("drift").intValue()).isZero();
        assertThat(Seen.of(ask("loud", "the whale and the sea")).router()).isEmpty();
        assertThat(before.router()).isEmpty();
        assertThat(before.overruled()).isZero();
    }

    private void drift(int requests) throws InterruptedException, ExecutionException {
        Seen before = quiet();
        loud(requests, i -> "whale number " + i);
        assertThat(quiet()).isEqualTo(before);
        assertThat(stateOf("quiet")).isEqualTo("closed");
        assertThat(stateOf("loud")).isEqualTo("open");
        Seen loud = Seen.of(ask("loud", "the whale and the sea"));
        assertThat(loud.router()).contains("overruled");
        assertThat(loud.depths()).isEqualTo("[2,2,2,2,2,2,2,2]");
        JsonNode ready = server.get("/health/ready").succeeds().get("router");
        assertThat(ready.get("for_all").booleanValue()).isFalse();
        assertThat(ready.get("overruled_keys").intValue()).isEqualTo(1);
        assertThat(ready.get("reference_depth").intValue()).isEqualTo(2);
        assertThat(ready.toString())
                .as("health is for everyone, and names no key")
                .doesNotContain("loud");
        assertThat(router().get("transitions").get(0).get("key").stringValue()).isEqualTo("loud");
    }

    @Test
    void repetitionsOpenTheBreakerForNobody() throws InterruptedException, ExecutionException {
        repeat(400);
    }

    @Test
    void promptsThatDriftOpenItForTheirSenderAlone() throws InterruptedException, ExecutionException {
        drift(60);
    }

    @Test
    @Tag("slow")
    void twentyThousandRepetitionsOpenTheBreakerForNobody() throws InterruptedException, ExecutionException {
        repeat(20_000);
    }

    @Test
    @Tag("slow")
    void twentyThousandPromptsThatDriftOpenItForTheirSenderAlone() throws InterruptedException, ExecutionException {
        drift(20_000);
    }
}
