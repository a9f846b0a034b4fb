package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A server reports that it is ready only once its answers have reached their final speed.
class WarmUpTest {

    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(1).breaker(BreakerOptions.DEFAULT).build();

    @TempDir
    private Path folder;

    @Test
    void aServerThatWarmsUpLivesAndAnswersAndIsNotReady() {
        try (TestServer server = TestServer.in(folder, OPTIONS, options -> options.warmUp(Duration.ofSeconds(60)))) {
            JsonNode body = server.get("/health/ready").json();
            assertThat(body.get("status").stringValue()).isEqualTo("unavailable");
            assertThat(body.at("/error/message").stringValue()).contains("warming up");
            assertThat(server.get("/health/ready").status()).isEqualTo(503);
            server.get("/health/live").succeeds();
            server.post("/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":3}")
                    .succeeds();
        }
    }

    @Test
    void whatIsRehearsedIsInNoMeasurementAndNoWindow() {
        try (TestServer server = TestServer.in(folder, OPTIONS, options -> options.warmUp(Duration.ofSeconds(1)))) {
            TestServer.await(() -> server.get("/health/ready").status() == 200);
            Map<String, Double> series = server.series();
            assertThat(series)
                    .containsEntry("saiki_router_window_tokens{model=\"tiny\"}", 0.0)
                    .containsEntry("saiki_clients_gone_total{model=\"tiny\"}", 0.0)
                    .doesNotContainKeys(
                            "saiki_generation_tokens_total{model=\"tiny\"}",
                            "saiki_answers_total{finish_reason=\"length\",model=\"tiny\"}");
            assertThat(series.get("saiki_engine_flops_total{model=\"tiny\"}"))
                    .as("something was rehearsed")
                    .isPositive();
            assertThat(server.engine().statistics().prefixes().nodes()).isZero();
        }
    }

    @Test
    void aServerThatEndsWhileItWarmsUpEndsAtOnce() {
        TestServer server = TestServer.in(folder, OPTIONS, options -> options.warmUp(Duration.ofMinutes(10)));
        long start = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
}
