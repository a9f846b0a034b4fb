package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A certified effort whose live answers lose more than its certificate allows.
class RevocationTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String REVOKED = "saiki_certificate_revoked{model=\"tiny\"}";

    @TempDir
    private Path folder;

    private Path model;

    /// A certificate that allows almost no loss.
    @BeforeEach
    void write() throws IOException {
        model = folder.resolve("tiny");
        EffortCertificate certificate = new EffortCertificate(
                Instant.EPOCH,
                "0.1.0",
                "hash",
                "float32",
                3,
                1,
                1e-6,
                0.95,
                new EffortCertificate.Prompts("prompts", "hash", 10, 40, 1000),
                List.of());
        RandomCheckpoint.write(
                model,
                TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), 4096),
                1,
                Manifest.untrained().with(certificate),
                tensor -> tensor);
        TestServer.TOKENIZER.save(model.resolve("tokenizer.json"));
    }

    private Engine engine() {
        return Engine.open(model, EngineOptions.builder().threads(1).build());
    }

    private TestServer server(Engine engine) {
        return TestServer.of(
                engine,
                options -> options.reload(new ReloadOptions(model, false, true)).rescoring(1));
    }

    private static String text(TestServer server, String more) {
        return server.post(
                        COMPLETIONS,
                        "{\"prompt\":\"the whale\",\"temperature\":0,\"ignore_eos\":true,\"max_tokens\":24" + more
                                + "}")
                .succeeds()
                .get("choices")
                .get(0)
                .get("text")
                .stringValue();
    }

    @Test
    void itIsRevokedAndNotServedAsCertifiedAgain() {
        try (TestServer server = server(engine())) {
            assertThat(server.series()).containsEntry(REVOKED, 0.0);
            for (int seed = 0; seed < 300 && server.series().getOrDefault(REVOKED, 0.0) == 0; seed++) {
                server.post(
                                COMPLETIONS,
                                "{\"prompt\":[5,6,7],\"seed\":" + seed + ",\"ignore_eos\":true,\"max_tokens\":1}")
                        .succeeds();
                LockSupport.parkNanos(20_000_000);
            }
            assertThat(server.series()).containsEntry(REVOKED, 1.0);
            JsonNode state = server.get("/router").succeeds().path("certificate");
            assertThat(state.path("revoked").asBoolean(false)).isTrue();
            assertThat(state.path("answers").asLong(0)).isPositive();
            assertThat(text(server, "")).isEqualTo(text(server, ",\"min_depth\":3,\"max_depth\":3"));
        }
        try (Engine engine = engine()) {
            assertThatThrownBy(() -> server(engine))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("was revoked");
        }
    }
}
