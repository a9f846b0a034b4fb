package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.chat.ChatFormat;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// One server with several models: requests choose by name, and what an operator does to one leaves the others alone.
class SeveralModelsTest {

    private static final String COMPLETIONS = "/v1/completions";

    @TempDir
    private Path folder;

    private ModelChoice first;
    private ModelChoice second;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        first = model("first", 1);
        second = model("second", 2);
        server = TestServer.of(
                List.of(first, second),
                options -> options.reload(new ReloadOptions(folder.resolve("first"), true, false)));
    }

    @AfterEach
    void stop() {
        server.close();
        second.engine().close();
    }

    private ModelChoice model(String name, long seed) throws IOException {
        Path model = folder.resolve(name);
        RandomCheckpoint.write(model, TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), TestServer.CONTEXT), seed);
        TestServer.TOKENIZER.save(model.resolve("tokenizer.json"));
        Engine engine = Engine.open(model, EngineOptions.builder().threads(1).build());
        return new ModelChoice(name, engine, Optional.of(model), ChatFormat.PLAIN);
    }

    private static String ask(String model) {
        return "{" + model + "\"prompt\":\"the whale\",\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":16}";
    }

    private static String text(TestServer.Answer answer) {
        return answer.succeeds().get("choices").get(0).get("text").stringValue();
    }

    @Test
    void allAreListedAndTheNameInARequestChooses() {
        JsonNode listed = server.get("/v1/models").succeeds();
        assertThat(listed.get("data"))
                .extracting(model -> model.get("id").stringValue())
                .containsExactly("first", "second");
        assertThat(listed.get("last_id").stringValue()).isEqualTo("second");
        assertThat(server.get("/v1/models/second").succeeds().get("id").stringValue())
                .isEqualTo("second");
        String ofFirst = text(server.post(COMPLETIONS, ask("\"model\":\"first\",")));
        TestServer.Answer second = server.post(COMPLETIONS, ask("\"model\":\"second\","));
        assertThat(text(second)).isNotEqualTo(ofFirst);
        assertThat(second.json().get("model").stringValue()).isEqualTo("second");
        assertThat(text(server.post(COMPLETIONS, ask(""))))
                .as("the first one is usual")
                .isEqualTo(ofFirst);
        assertThat(text(server.post("/openai/deployments/second/completions", ask(""))))
                .as("Azure's paths name it")
                .isEqualTo(text(second));
        server.post(COMPLETIONS, ask("\"model\":\"third\","))
                .isError(404, "invalid_request_error", "third", "'first', 'second'");
    }

    @Test
    void theVersionOfEachIsTold() {
        String name = "/model/name";
        assertThat(server.get("/version").succeeds().at(name).stringValue()).isEqualTo("first");
        assertThat(server.get("/version?model=second").succeeds().at(name).stringValue())
                .isEqualTo("second");
        server.get("/version?model=third").isError(404, "invalid_request_error", "third");
    }

    @Test
    void everyProtocolChooses() {
        for (String path : List.of("/v1/chat/completions", "/v1/messages")) {
            String body =
                    "{\"model\":\"second\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":4}";
            assertThat(server.post(path, body).succeeds().get("model").stringValue())
                    .isEqualTo("second");
        }
        assertThat(server.post("/v1/responses", "{\"model\":\"second\",\"input\":\"hi\",\"max_output_tokens\":4}")
                        .succeeds()
                        .get("model")
                        .stringValue())
                .isEqualTo("second");
        String embed = "{\"model\":\"second\",\"input\":\"the whale\"}";
        assertThat(server.post("/v1/embeddings", embed).succeeds().get("data"))
                .isNotEqualTo(server.post("/v1/embeddings", embed.replace("second", "first"))
                        .succeeds()
                        .get("data"));
        for (String path : List.of("/tokenize", "/inspect")) {
            server.post(path, "{\"model\":\"second\",\"prompt\":\"hi\"}").succeeds();
            server.post(path, "{\"model\":\"third\",\"prompt\":\"hi\"}").isError(404, "invalid_request_error");
        }
    }

    @Test
    void anOperatorNamesTheModelAndTheOthersGoOn() throws IOException {
        String before = text(server.post(COMPLETIONS, ask("\"model\":\"second\",")));
        String ofFirst = text(server.post(COMPLETIONS, ask("")));
        server.post("/admin/reload", "")
                .isError(400, "invalid_request_error", "name is required: one of first, second");
        server.post("/admin/reload", "{\"name\":\"third\"}").isError(400, "invalid_request_error", "got third");
        RandomCheckpoint.write(
                folder.resolve("newer"), TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), TestServer.CONTEXT), 3);
        TestServer.TOKENIZER.save(folder.resolve("newer").resolve("tokenizer.json"));
        JsonNode served = server.post("/admin/reload", "{\"name\":\"second\",\"model\":\"newer\"}")
                .succeeds();
        assertThat(served.get("name").stringValue()).isEqualTo("second");
        assertThat(served.get("generation").intValue()).isEqualTo(2);
        assertThat(text(server.post(COMPLETIONS, ask("\"model\":\"second\","))))
                .isNotEqualTo(before)
                .isNotEqualTo(ofFirst);
        assertThat(text(server.post(COMPLETIONS, ask("")))).isEqualTo(ofFirst);
        server.post("/admin/rollback", "{\"name\":\"first\"}")
                .isError(400, "invalid_request_error", "no previous model");
        server.post("/admin/rollback", "{\"name\":\"second\"}").succeeds();
        assertThat(text(server.post(COMPLETIONS, ask("\"model\":\"second\",")))).isEqualTo(before);
        assertThat(server.series())
                .containsEntry("saiki_reloads_total{model=\"second\",result=\"done\"}", 1.0)
                .containsEntry("saiki_reloads_total{model=\"first\",result=\"done\"}", 0.0);
    }

    @Test
    void eachIsMeasuredByItself() {
        server.post(COMPLETIONS, ask("\"model\":\"second\",")).succeeds();
        Map<String, Double> series = server.series();
        assertThat(series)
                .containsEntry("saiki_generation_tokens_total{model=\"second\"}", 16.0)
                .containsEntry("saiki_requests_running{model=\"first\"}", 0.0)
                .containsEntry("saiki_shed_level{model=\"second\"}", 0.0)
                .containsEntry("saiki_router_state{model=\"second\",state=\"closed\"}", 1.0)
                .doesNotContainKey("saiki_generation_tokens_total{model=\"first\"}");
        assertThat(series.get("saiki_engine_flops_total{model=\"second\"}")).isPositive();
        assertThat(series.get("saiki_engine_flops_total{model=\"first\"}")).isZero();
        assertThat(server.get("/router?model=second")
                        .succeeds()
                        .at("/window/tokens")
                        .intValue())
                .isPositive();
        assertThat(server.get("/router").succeeds().at("/window/tokens").intValue())
                .isZero();
        assertThat(server.get("/slots?model=second").succeeds()).isEmpty();
        server.get("/router?model=third").isError(404, "invalid_request_error", "third");
        assertThat(server.get("/health/ready").succeeds().at("/router/state").stringValue())
                .isEqualTo("closed");
        assertThat(server.get("/load").succeeds().get("server_load").intValue()).isZero();
    }

    @Test
    void twoOfOneNameAreRefused() {
        assertThatThrownBy(() -> SaikiServer.start(
                        List.of(first, new ModelChoice("first", second.engine(), Optional.empty(), ChatFormat.PLAIN)),
                        ServerOptions.builder("first").at("127.0.0.1", 0).build()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("two models are named first");
    }

    @Test
    void allAreWarmBeforeTheServerIsReady() {
        try (TestServer warm =
                TestServer.of(List.of(first, second), options -> options.warmUp(Duration.ofSeconds(1)))) {
            TestServer.await(() -> warm.get("/health/ready").status() == 200);
            for (ModelChoice model : List.of(first, second)) {
                assertThat(model.engine().statistics().flops().total()).isPositive();
            }
        }
    }

    @Test
    void theAuditSaysWhichOneAnswered() {
        try (TestServer audited = TestServer.of(
                List.of(first, second),
                options -> options.audit(AuditOptions.of(
                        AuditLocation.parse(folder.resolve("audit.db").toString()))))) {
            audited.post(COMPLETIONS, ask("\"model\":\"second\",")).succeeds();
            TestServer.await(
                    () -> !audited.get("/v1/audit").succeeds().get("data").isEmpty());
            assertThat(audited.get("/v1/audit")
                            .succeeds()
                            .at("/data/0/model/name")
                            .stringValue())
                    .isEqualTo("second");
        }
    }
}
