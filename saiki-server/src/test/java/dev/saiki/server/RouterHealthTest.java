package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The server's information on its router, and its reaction when the router fails.
class RouterHealthTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final long SEED = 11;
    private static final int CONTEXT = 4096;

    @TempDir
    private Path folder;

    private TestServer server(Manifest manifest, UnaryOperator<StoredTensor> change, EngineOptions options)
            throws IOException {
        Engine engine = Engine.open(
                RandomCheckpoint.write(
                        folder.resolve("model"),
                        TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), CONTEXT),
                        SEED,
                        manifest,
                        change),
                TestServer.TOKENIZER,
                options);
        return TestServer.of(engine, server -> server);
    }

    private static EngineOptions watched(Duration coolDown) {
        return EngineOptions.builder()
                .threads(1)
                .breaker(new BreakerOptions(64, 0.4, coolDown))
                .build();
    }

    private static StoredTensor poisonRouter(StoredTensor tensor) {
        if (!tensor.name().startsWith("model.routers.1")) {
            return tensor;
        }
        float[] values = tensor.toFloats();
        values[3] = Float.NaN;
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    private static StoredTensor poisonHead(StoredTensor tensor) {
        if (!tensor.name().equals(ParameterNames.HEAD)) {
            return tensor;
        }
        float[] values = tensor.toFloats();
        values[3] = Float.NaN;
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    private static String ask(int tokens, String more) {
        return "{\"prompt\":\"the whale\",\"temperature\":1,\"seed\":3,\"ignore_eos\":true,\"max_tokens\":" + tokens
                + more + "}";
    }

    private static Manifest trained(double first, double second, double third) {
        return Manifest.now(
                Optional.empty(),
                Optional.empty(),
                1_000,
                10,
                Map.of(
                        Manifest.DEPTH_SHARE + 1,
                        first,
                        Manifest.DEPTH_SHARE + 2,
                        second,
                        Manifest.DEPTH_SHARE + 3,
                        third));
    }

    @Test
    void aRouterThatIsWellIsShownBesideItsTraining() throws IOException {
        try (TestServer server = server(
                trained(0.5, 0.3, 0.2),
                tensor -> tensor,
                EngineOptions.builder()
                        .threads(1)
                        .breaker(BreakerOptions.DEFAULT)
                        .build())) {
            JsonNode usage = server.post(COMPLETIONS, ask(40, ""))
                    .succeeds()
                    .get("usage")
                    .get("recursions");
            assertThat(usage.get("overruled_tokens").longValue()).isZero();
            JsonNode router = server.get("/router").succeeds();
            JsonNode window = router.get("window");
            long tokens = window.get("tokens").longValue();
            double drift = 0;
            double[] expected = {0.5, 0.3, 0.2};
            for (int i = 0; i < 3; i++) {
                double share = window.get("shares").get(i).doubleValue();
                assertThat(share).isEqualTo(usage.get("histogram").get(i).doubleValue() / tokens);
                assertThat(window.get("expected").get(i).doubleValue()).isCloseTo(expected[i], within(1e-9));
                drift += Math.abs(share - expected[i]) / 2;
            }
            assertThat(window.get("drift").doubleValue()).isCloseTo(drift, within(1e-9));
            Map<String, Double> series = server.series();
            assertThat(series.get("saiki_router_drift{model=\"tiny\"}")).isCloseTo(drift, within(1e-9));
            assertThat(series.get("saiki_router_confidence{model=\"tiny\"}")).isBetween(0.0, 1.0);
            assertThat(series)
                    .containsEntry("saiki_router_state{model=\"tiny\",state=\"closed\"}", 1.0)
                    .containsEntry("saiki_router_state{model=\"tiny\",state=\"open\"}", 0.0)
                    .containsEntry("saiki_router_window_tokens{model=\"tiny\"}", (double) tokens)
                    .containsEntry("saiki_router_expected_share{depth=\"1\",model=\"tiny\"}", 0.5)
                    .containsEntry("saiki_not_finite_total{model=\"tiny\",where=\"router\"}", 0.0);
            assertThat(series.get("saiki_stage_fill_ratio{model=\"tiny\",stage=\"recursion\"}"))
                    .isBetween(0.0, 1.0)
                    .isPositive();
            JsonNode samples = router.get("history").get("samples");
            assertThat(samples.size()).isPositive();
            assertThat(samples.get(0).propertyNames())
                    .contains("time", "state", "drift", "shares", "confidence", "running", "rows_per_run");
        }
    }

    @Test
    void aPoisonedRouterIsSaidEverywhereAndAnswersAreFinite() throws IOException {
        try (TestServer server =
                server(Manifest.untrained(), RouterHealthTest::poisonRouter, watched(Duration.ofHours(1)))) {
            TestServer.Answer first = server.post(COMPLETIONS, ask(20, ",\"logprobs\":1,\"return_depths\":true"));
            JsonNode choice = first.succeeds().get("choices").get(0);
            assertThat(choice.get("depths"))
                    .hasSize(20)
                    .allSatisfy(depth -> assertThat(depth.intValue()).isEqualTo(3));
            assertThat(choice.get("logprobs").get("token_logprobs"))
                    .allSatisfy(logprob -> assertThat(logprob.doubleValue()).isLessThanOrEqualTo(0));
            JsonNode recursions = first.json().get("usage").get("recursions");
            assertThat(recursions.get("overruled_tokens").longValue())
                    .isEqualTo(recursions.get("histogram").get(2).longValue())
                    .isPositive();
            assertThat(first.raw().headers().firstValue("Saiki-Router")).contains("overruled");

            TestServer.Answer streamed = server.post(COMPLETIONS, ask(5, ",\"stream\":true"));
            assertThat(streamed.raw().headers().firstValue("Saiki-Router")).contains("overruled");
            JsonNode ready = server.get("/health/ready").succeeds();
            assertThat(ready.get("status").stringValue()).isEqualTo("ok");
            assertThat(ready.get("router").get("state").stringValue()).isEqualTo("open");
            assertThat(ready.get("router").get("reason").stringValue()).isEqualTo("not_finite");
            assertThat(server.series())
                    .containsEntry("saiki_router_state{model=\"tiny\",state=\"open\"}", 1.0)
                    .containsEntry("saiki_router_trips_total{model=\"tiny\",problem=\"not_finite\"}", 1.0)
                    .satisfies(
                            series -> assertThat(series.get("saiki_not_finite_total{model=\"tiny\",where=\"router\"}"))
                                    .isPositive())
                    .satisfies(series -> assertThat(series.get("saiki_router_overruled_tokens_total{model=\"tiny\"}"))
                            .isPositive());
        }
    }

    @Test
    void logitsThatAreNoNumbersAreAnErrorAndNeverAnAnswer() throws IOException {
        try (TestServer server =
                server(Manifest.untrained(), RouterHealthTest::poisonHead, watched(Duration.ofHours(1)))) {
            for (String more : List.of("", ",\"n\":2", ",\"echo\":true,\"logprobs\":1")) {
                TestServer.Answer answer = server.post(COMPLETIONS, ask(5, more));
                answer.isError(500, "server_error", "infinite or undefined");
                assertThat(answer.json().get("error").get("code").stringValue()).isEqualTo("not_finite");
            }
            server.post(COMPLETIONS, "{\"prompt\":\"the whale\",\"echo\":true,\"logprobs\":1,\"max_tokens\":0}")
                    .isError(500, "server_error", "infinite or undefined");
            List<String> events = TestServer.events(server.post(COMPLETIONS, ask(5, ",\"stream\":true")));
            assertThat(events.getLast()).contains("\"code\":\"not_finite\"").doesNotContain("[DONE]");
            server.get("/health/live").succeeds();
            assertThat(server.series().get("saiki_not_finite_total{model=\"tiny\",where=\"logits\"}"))
                    .isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void depthsThatLeaveTheirTrainingAreOverruledAndTheServerSaysWhy() throws IOException {
        try (TestServer server = server(trained(0.01, 0.01, 0.98), tensor -> tensor, watched(Duration.ofHours(1)))) {
            for (int prompt = 0; prompt < 12; prompt++) {
                server.post(COMPLETIONS, ask(10, "").replace("whale", "whale " + prompt))
                        .succeeds();
            }
            TestServer.Answer answer = server.post(COMPLETIONS, ask(10, ""));
            JsonNode recursions = answer.succeeds().get("usage").get("recursions");
            assertThat(recursions.get("mean").doubleValue()).isEqualTo(3);
            assertThat(recursions.get("flops_saved").longValue()).isZero();
            JsonNode router = server.get("/router").succeeds();
            assertThat(router.get("reason").stringValue()).isEqualTo("drift");
            assertThat(router.get("transitions").get(0).get("detail").stringValue())
                    .contains("the limit is 0.400");
        }
    }
}
