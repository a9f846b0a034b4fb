package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.chat.ChatFormat;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.AdapterChoice;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomAdapter;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// One server with a model and its adapters: each has a name, and all share one engine.
class ServedAdaptersTest {

    private static final String COMPLETIONS = "/v1/completions";

    @TempDir
    private Path folder;

    private ModelChoice model;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        CheckpointDirectory base = checkpoint("base", 1);
        RandomAdapter.write(folder.resolve("a"), base, 3, 1, 5);
        RandomAdapter.write(folder.resolve("b"), base, 2, 1, 6);
        Engine engine = Engine.open(
                folder.resolve("base"), EngineOptions.builder().threads(1).build());
        model = new ModelChoice("base", engine, Optional.of(folder.resolve("base")), ChatFormat.PLAIN)
                .with(List.of(
                        new AdapterChoice("law", folder.resolve("a")), new AdapterChoice("sea", folder.resolve("b"))));
        server = TestServer.of(
                List.of(model), options -> options.reload(new ReloadOptions(folder.resolve("base"), true, false)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CheckpointDirectory checkpoint(String name, long seed) throws IOException {
        CheckpointDirectory written = RandomCheckpoint.write(
                folder.resolve(name), TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), TestServer.CONTEXT), seed);
        TestServer.TOKENIZER.save(folder.resolve(name).resolve("tokenizer.json"));
        return written;
    }

    private static String ask(String name) {
        return "{\"model\":\"" + name
                + "\",\"prompt\":\"the whale\",\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":16}";
    }

    private String text(String name) {
        return text(server, name);
    }

    private static String text(TestServer of, String name) {
        JsonNode answer = of.post(COMPLETIONS, ask(name)).succeeds();
        assertThat(answer.get("model").stringValue()).isEqualTo(name);
        return answer.get("choices").get(0).get("text").stringValue();
    }

    @Test
    void eachIsANameAndAnswersAsTheModelThatItWasMergedInto() throws IOException {
        JsonNode listed = server.get("/v1/models").succeeds().get("data");
        assertThat(listed).extracting(entry -> entry.get("id").stringValue()).containsExactly("base", "law", "sea");
        assertThat(listed.get(0).has("parent")).isFalse();
        assertThat(listed.get(1).get("parent").stringValue()).isEqualTo("base");
        assertThat(listed.get(1).at("/meta/adapter/rank").intValue()).isEqualTo(3);
        assertThat(server.get("/version?model=sea")
                        .succeeds()
                        .at("/model/adapter_of")
                        .stringValue())
                .isEqualTo("base");
        // One after the other, and again with what is kept of the first round.
        List<String> first = List.of(text("base"), text("law"), text("sea"));
        assertThat(first).doesNotHaveDuplicates();
        assertThat(List.of(text("base"), text("law"), text("sea"))).isEqualTo(first);
        CheckpointDirectory base = CheckpointDirectory.open(folder.resolve("base"));
        for (String name : List.of("law", "sea")) {
            AdapterDirectory adapter = AdapterDirectory.open(folder.resolve(name.equals("law") ? "a" : "b"));
            try (Engine merged = Engine.open(
                            AdapterMerge.of(base, adapter),
                            EngineOptions.builder().threads(1).build());
                    TestServer alone = TestServer.of(
                            List.of(new ModelChoice(name, merged, Optional.empty(), ChatFormat.PLAIN)),
                            options -> options)) {
                assertThat(text(alone, name)).isEqualTo(first.get(name.equals("law") ? 1 : 2));
            }
        }
        server.post(COMPLETIONS, ask("land")).isError(404, "invalid_request_error", "'base', 'law', 'sea'");
    }

    @Test
    void everyEndpointTakesTheName() {
        String embed = "{\"model\":\"law\",\"input\":\"the whale\"}";
        assertThat(server.post("/v1/embeddings", embed).succeeds().get("data"))
                .isNotEqualTo(server.post("/v1/embeddings", embed.replace("law", "base"))
                        .succeeds()
                        .get("data"));
        String inspect = "{\"model\":\"law\",\"prompt\":\"the whale\"}";
        assertThat(server.post("/inspect", inspect).succeeds().get("tokens"))
                .isNotEqualTo(server.post("/inspect", inspect.replace("law", "base"))
                        .succeeds()
                        .get("tokens"));
        String chat = "{\"model\":\"sea\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":4}";
        assertThat(server.post("/v1/chat/completions", chat)
                        .succeeds()
                        .get("model")
                        .stringValue())
                .isEqualTo("sea");
        server.post("/tokenize", "{\"model\":\"sea\",\"prompt\":\"hi\"}").succeeds();
    }

    @Test
    void whatAnAdapterIsAskedIsMeasuredUnderItsNameAndTheEngineOnce() {
        text("law");
        Map<String, Double> series = server.series();
        assertThat(series)
                .containsEntry("saiki_generation_tokens_total{model=\"law\"}", 16.0)
                .containsEntry("saiki_requests_running{model=\"base\"}", 0.0)
                .doesNotContainKeys(
                        "saiki_generation_tokens_total{model=\"base\"}",
                        "saiki_requests_running{model=\"law\"}",
                        "saiki_engine_flops_total{model=\"law\"}");
        assertThat(series.get("saiki_engine_flops_total{model=\"base\"}")).isPositive();
        assertThat(server.get("/load").succeeds().get("server_load").intValue()).isZero();
    }

    @Test
    void adaptersGoAlongWithTheirModelWhereItIsLoadedAgain() throws IOException {
        String law = text("law");
        for (int i = 0; i < 3; i++) {
            server.post("/admin/reload", "{\"name\":\"base\"}").succeeds();
            assertThat(text("law")).isEqualTo(law);
        }
        server.post("/admin/rollback", "{\"name\":\"base\"}").succeeds();
        assertThat(text("law")).isEqualTo(law);
        server.post("/admin/reload", "{\"name\":\"law\"}")
                .isError(
                        400,
                        "invalid_request_error",
                        "got the adapter law; reload or roll back its model base instead");
        // Another model has no such adapter, and is not served.
        checkpoint("newer", 3);
        String base = text("base");
        server.post("/admin/reload", "{\"name\":\"base\",\"model\":\"newer\"}")
                .isError(400, "invalid_request_error", "is an adapter of another model");
        assertThat(text("base")).isEqualTo(base);
        assertThat(text("law")).isEqualTo(law);
    }

    @Test
    void theAuditNamesTheAdapter() {
        try (TestServer audited = TestServer.of(
                List.of(model),
                options -> options.audit(AuditOptions.of(
                        AuditLocation.parse(folder.resolve("audit.db").toString()))))) {
            text(audited, "law");
            TestServer.await(
                    () -> !audited.get("/v1/audit").succeeds().get("data").isEmpty());
            JsonNode ofAdapter = audited.get("/v1/audit").succeeds().at("/data/0/model");
            assertThat(ofAdapter.get("name").stringValue()).isEqualTo("law");
            text(audited, "base");
            TestServer.await(
                    () -> audited.get("/v1/audit").succeeds().get("data").size() == 2);
            JsonNode data = audited.get("/v1/audit").succeeds().get("data");
            assertThat(data.get(0).at("/model/version").stringValue())
                    .hasSize(64)
                    .isNotEqualTo(data.get(1).at("/model/version").stringValue());
        }
    }

    @Test
    void namesAndModelsThatDoNotFitAreRefused() throws IOException {
        ServerOptions options = ServerOptions.builder("base").at("127.0.0.1", 0).build();
        assertThatThrownBy(() -> SaikiServer.start(
                        List.of(model.with(List.of(new AdapterChoice("base", folder.resolve("a"))))), options))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("two models are named base");
        RandomAdapter.write(folder.resolve("c"), checkpoint("other", 9), 2, 1, 1);
        assertThatThrownBy(() -> SaikiServer.start(
                        List.of(model.with(List.of(new AdapterChoice("c", folder.resolve("c"))))), options))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is an adapter of another model");
    }
}
