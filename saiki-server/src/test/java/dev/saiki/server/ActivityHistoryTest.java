package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The server's record of its own activity, second by second.
class ActivityHistoryTest {

    private static List<Double> numbers(JsonNode column) {
        List<Double> numbers = new ArrayList<>();
        column.forEach(number -> numbers.add(number.asDouble(Double.NaN)));
        return numbers;
    }

    @Test
    void aBurstIsSeenAfterwardsSecondBySecond(@TempDir Path folder) {
        try (TestServer server = TestServer.in(folder)) {
            TestServer.await(() -> server.get("/history").succeeds().get("time").size() > 0);
            JsonNode usage = server.post(
                            "/v1/completions", "{\"prompt\":\"the whale\",\"max_tokens\":60,\"ignore_eos\":true}")
                    .succeeds()
                    .get("usage");
            int seen = server.get("/history").succeeds().get("time").size();
            TestServer.await(() -> server.get("/history").succeeds().get("time").size() > seen + 1);
            JsonNode history = server.get("/history").succeeds();
            assertThat(history.get("interval_seconds").asInt()).isEqualTo(1);
            List<Double> times = numbers(history.get("time"));
            assertThat(times).isSorted();
            assertThat(times.getLast() - times.getFirst()).isBetween(1.0, 60.0);
            for (String name : List.of("running", "waiting", "cache_usage", "flops", "flops_saved")) {
                assertThat(history.get(name)).as(name).hasSameSizeAs(times);
            }
            assertThat(history.get("step_tokens")).hasSize(3);
            List<Double> tokens = numbers(history.get("step_tokens").get(0));
            // The last token is written, but never read; what warms the server up counts too.
            assertThat(tokens.getLast() - tokens.getFirst())
                    .isBetween(usage.get("total_tokens").asDouble() - 1, 10_000.0);
            assertThat(history.at("/first_token_seconds/p50")
                            .get(times.size() - 1)
                            .asDouble())
                    .isPositive();
            assertThat(history.at("/router/state").get(0).asString()).isEqualTo("closed");

            double last = times.getLast();
            assertThat(numbers(server.get("/history?since=" + last).succeeds().get("time")))
                    .allSatisfy(time -> assertThat(time).isGreaterThan(last));
            assertThat(server.get("/history?since=-3600").succeeds().get("time").size())
                    .isGreaterThanOrEqualTo(times.size());
            for (String wrong : List.of("x", "NaN", "1e300")) {
                server.get("/history?since=" + wrong).isRefused("since", "seconds since 1970");
            }
        }
    }
}
