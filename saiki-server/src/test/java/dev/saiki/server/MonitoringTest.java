package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.ServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class MonitoringTest {

    private static final String COMPLETIONS = "/v1/completions";

    @TempDir
    private Path folder;

    private TestServer server(UnaryOperator<ServerOptions.Builder> change) {
        return TestServer.in(folder, 65_536, EngineOptions.builder().threads(1).build(), change);
    }

    @Test
    void requestsAreMeasuredInGenAisWordsAndDepthInOurs() {
        try (TestServer server = server(options -> options)) {
            JsonNode usage = server.post(COMPLETIONS, "{\"prompt\":\"the sea\",\"max_tokens\":9,\"ignore_eos\":true}")
                    .succeeds()
                    .get("usage");
            server.post(COMPLETIONS, "{\"n\":0}");
            Map<String, Double> series = server.series();
            String genAi = "gen_ai_operation_name=\"text_completion\",gen_ai_provider_name=\"saiki\","
                    + "gen_ai_request_model=\"tiny\"";
            assertThat(series)
                    .containsEntry(
                            "gen_ai_server_request_duration_seconds_count{error_type=\"none\"," + genAi + "}", 1.0)
                    .containsEntry("gen_ai_server_time_to_first_token_seconds_count{" + genAi + "}", 1.0)
                    .containsEntry("gen_ai_server_time_per_output_token_seconds_count{" + genAi + "}", 1.0)
                    .containsEntry("saiki_generation_tokens_total{model=\"tiny\"}", 9.0)
                    .containsEntry("saiki_answers_total{finish_reason=\"length\",model=\"tiny\"}", 1.0)
                    .containsEntry("saiki_refusals_total{model=\"tiny\",status=\"400\"}", 1.0)
                    .containsEntry("saiki_request_queue_time_seconds_count{model=\"tiny\"}", 1.0)
                    .containsEntry("saiki_request_prefill_time_seconds_count{model=\"tiny\"}", 1.0)
                    .containsEntry("saiki_request_decode_time_seconds_count{model=\"tiny\"}", 1.0)
                    .containsEntry("saiki_requests_running{model=\"tiny\"}", 0.0);
            double stages = Stream.of("queue", "prefill", "decode")
                    .mapToDouble(stage -> series.getOrDefault(
                            "saiki_request_" + stage + "_time_seconds_sum{model=\"tiny\"}", Double.NaN))
                    .sum();
            assertThat(stages)
                    .isCloseTo(
                            series.getOrDefault(
                                    "gen_ai_server_request_duration_seconds_sum{error_type=\"none\"," + genAi + "}",
                                    Double.NaN),
                            within(1e-6));
            assertThat(series.keySet())
                    .anyMatch(name -> name.startsWith("gen_ai_server_time_to_first_token_seconds_bucket"))
                    .noneMatch(name -> name.startsWith("vllm"));
            JsonNode recursions = usage.get("recursions");
            double tokens = 0;
            for (int depth = 1; depth <= 3; depth++) {
                double atDepth = series.getOrDefault(
                        "saiki_token_depth_total{depth=\"" + depth + "\",model=\"tiny\"}", Double.NaN);
                assertThat(atDepth)
                        .isEqualTo(recursions.get("histogram").get(depth - 1).doubleValue());
                tokens += atDepth;
            }
            assertThat(series.get("saiki_step_tokens_total{model=\"tiny\",step=\"0\"}"))
                    .isEqualTo(tokens);
            assertThat(series.get("saiki_mean_depth{model=\"tiny\"}"))
                    .isEqualTo(recursions.get("mean").doubleValue());
            assertThat(series.get("saiki_flops_total{model=\"tiny\"}"))
                    .isEqualTo(recursions.get("flops").doubleValue())
                    .isEqualTo(series.get("saiki_engine_flops_total{model=\"tiny\"}"));
            assertThat(series.get("saiki_flops_saved_ratio{model=\"tiny\"}")).isBetween(0.01, 0.99);
            assertThat(series.get("saiki_stage_rows_per_run{model=\"tiny\",stage=\"recursion\"}"))
                    .isPositive();
        }
    }

    @Test
    void theJavaMachineAndItsProcessAreMeasured() {
        try (TestServer server = server(options -> options)) {
            Map<String, Double> series = server.series();
            assertThat(series.keySet())
                    .contains("process_uptime_seconds", "process_cpu_usage", "process_files_open_files")
                    .anyMatch(name -> name.startsWith("jvm_memory_used_bytes{area=\"heap\""))
                    .anyMatch(name -> name.startsWith("jvm_threads_live_threads"));
            assertThat(series.get("process_resident_memory_bytes")).isGreaterThan(1 << 20);
        }
    }

    @Test
    void dashboardsMadeForVllmFindTheirNames() {
        try (TestServer server = server(ServerOptions.Builder::vllmMetrics)) {
            server.post(COMPLETIONS, "{\"prompt\":\"a\",\"max_tokens\":3,\"ignore_eos\":true}")
                    .succeeds();
            assertThat(server.series().keySet())
                    .contains(
                            "vllm:num_requests_running{model_name=\"tiny\"}",
                            "vllm:num_requests_waiting{model_name=\"tiny\"}",
                            "vllm:kv_cache_usage_perc{model_name=\"tiny\"}",
                            "vllm:generation_tokens_total{model_name=\"tiny\"}",
                            "vllm:prompt_tokens_total{model_name=\"tiny\"}",
                            "vllm:time_to_first_token_seconds_count{model_name=\"tiny\"}",
                            "vllm:e2e_request_latency_seconds_count{model_name=\"tiny\"}",
                            "vllm:request_queue_time_seconds_count{model_name=\"tiny\"}",
                            "vllm:request_prefill_time_seconds_count{model_name=\"tiny\"}",
                            "vllm:request_decode_time_seconds_count{model_name=\"tiny\"}",
                            "vllm:request_inference_time_seconds_count{model_name=\"tiny\"}",
                            "vllm:request_prompt_tokens_count{model_name=\"tiny\"}",
                            "vllm:request_generation_tokens_count{model_name=\"tiny\"}",
                            "vllm:request_params_n_count{model_name=\"tiny\"}",
                            "vllm:request_success_total{finished_reason=\"length\",model_name=\"tiny\"}",
                            "vllm:num_preemptions_total{model_name=\"tiny\"}",
                            "vllm:prefix_cache_queries_total{model_name=\"tiny\"}");
        }
    }

    @Test
    void whoSpreadsRequestsSeesHowManyThereAreAndWhetherASlotIsFree() throws IOException {
        EngineOptions one =
                EngineOptions.builder().threads(1).maxSequences(1).maxWaiting(8).build();
        try (TestServer server = TestServer.in(folder, 65_536, one, options -> options)) {
            assertThat(server.get("/load").succeeds().get("server_load").intValue())
                    .isZero();
            assertThat(server.get("/slots?fail_on_no_slot=1").succeeds()).isEmpty();
            try (InputStream stream = server.open(
                            COMPLETIONS, "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true}")
                    .body()) {
                TestServer.await(() -> server.get("/slots")
                        .succeeds()
                        .path(0)
                        .path("state")
                        .stringValue("")
                        .equals("running"));
                assertThat(server.get("/load").succeeds().get("server_load").intValue())
                        .isOne();
                server.get("/slots?fail_on_no_slot=1").isError(503, "unavailable_error", "no slot");
                stream.read();
            }
        }
    }

    @Test
    void whatIsAtWorkIsSeenWithItsPagesByStep() throws IOException {
        try (TestServer server = server(options -> options)) {
            assertThat(server.get("/slots").succeeds()).isEmpty();
            try (InputStream stream = server.open(
                            COMPLETIONS,
                            "{\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":60000,\"stream\":true,\"min_depth\":2}")
                    .body()) {
                TestServer.await(
                        () -> server.series().getOrDefault("saiki_cache_pages{model=\"tiny\",step=\"1\"}", 0.0) > 1);
                JsonNode slots = server.get("/slots").succeeds();
                assertThat(slots).hasSize(1);
                JsonNode slot = slots.get(0);
                assertThat(slot.get("state").stringValue()).isEqualTo("running");
                assertThat(slot.get("prompt_tokens").intValue()).isEqualTo(1);
                assertThat(slot.get("generated_tokens").intValue()).isPositive();
                assertThat(slot.get("mean_depth").doubleValue()).isBetween(2.0, 3.0);
                assertThat(slot.get("pages")).hasSize(3);
                assertThat(server.series()).containsEntry("saiki_requests_running{model=\"tiny\"}", 1.0);
                stream.read();
            }
            TestServer.await(() -> server.engine().sequences().isEmpty());
            List<String> gone = List.of("saiki_clients_gone_total{model=\"tiny\"}");
            TestServer.await(() -> server.series().keySet().containsAll(gone));
        }
    }
}
