package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.http.Json;
import dev.saiki.rollout.pages.MeasuredStatistics;
import dev.saiki.rollout.plan.RolloutState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class MeasuredStatisticsTest {

    private static final String DEEP = """
            {"id": "c-1", "choices": [{"message": {"content": "No."}, "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 2,
                       "recursions": {"sum": 6, "mean": 1.5, "flops": 300, "flops_saved": 100}}}
            """;

    @TempDir
    private Path folder;

    @Test
    void tokensDepthAndDifferencesHaveTheirIntervals() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Yes.");
                ScriptedEndpoint candidate = ScriptedEndpoint.start(
                        (exchange, _) -> exchange.send(200, Json.CONTENT_TYPE, DEEP.getBytes(StandardCharsets.UTF_8)));
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .manual()
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(client.json("/rollout/measured").path("pairs").asInt(-1)).isZero();
            for (int conversation = 0; conversation < 12; conversation++) {
                client.chat("c" + conversation, false);
            }
            assertThat(GatewayClient.comes(() -> pairs(client) == 12)).isTrue();
            JsonNode measured = client.json("/rollout/measured");
            assertThat(measured.path("object").stringValue()).isEqualTo("measured");
            assertThat(measured.at("/tokens_per_request/mean").doubleValue()).isEqualTo(5);
            assertThat(measured.at("/token_ratio/mean").doubleValue()).isEqualTo(1);
            assertThat(measured.path("mean_depth").doubleValue()).isEqualTo(1.5);
            assertThat(measured.at("/flops_share/mean").doubleValue()).isCloseTo(0.75, within(1e-9));
            assertThat(measured.at("/flops_share/low").doubleValue()).isLessThan(0.75);
            assertThat(measured.at("/depths/0/kind").stringValue()).isEqualTo("chat");
            assertThat(measured.at("/depths/0/tokens").intValue()).isEqualTo(60);
            assertThat(measured.at("/depths/0/mean_depth").doubleValue()).isEqualTo(1.5);
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_candidate_tokens_total{kind=\"chat\",tenant=\"none\"} 60.0")
                    .contains("saiki_gateway_candidate_recursions_total{kind=\"chat\",tenant=\"none\"} 90.0");
            assertThat(measured.at("/gates/0/gate").stringValue()).isEqualTo("errors");
            assertThat(measured.at("/gates/0/mean").doubleValue()).isZero();
            assertThat(measured.at("/gates/0/high").doubleValue()).isPositive();
            assertThat(measured.at("/gates/0/conversations").intValue()).isEqualTo(12);
            assertThat(client.json("/openapi.json")
                            .at("/components/schemas/Measured/properties")
                            .propertyNames())
                    .containsAll(measured.propertyNames());
        }
    }

    private static void pair(ArrayNode rows, String conversation, int tokens, int millis, boolean fails) {
        ObjectNode outcome = rows.addObject().put("conversation", conversation).putObject("outcome");
        outcome.putObject("baseline").put("prompt_tokens", 10).put("total_ms", 100);
        ObjectNode candidate = outcome.putObject("candidate").put("total_ms", millis);
        if (fails) {
            candidate.put("failed", "status 500");
        } else {
            candidate.put("prompt_tokens", tokens);
        }
    }

    @Test
    void failuresAndTimeoutsMakeTheCandidateSlowAndLeaveOutItsTokens() {
        ArrayNode rows = Json.array();
        pair(rows, "a", 12, 50, false);
        pair(rows, "a", 14, 150, false);
        pair(rows, "b", 16, 40, false);
        pair(rows, "c", 99, 9000, true);
        ObjectNode measured = MeasuredStatistics.of(rows);
        assertThat(measured.at("/token_ratio/mean").doubleValue()).isCloseTo(1.4, within(1e-9));
        assertThat(measured.at("/time_ratio/mean").doubleValue())
                .as("the timeout of 9 s, and the baseline's 0.1 s to answer after it")
                .isCloseTo((50 + 150 + 40 + 9000 + 100) / 400.0, within(1e-9));
        assertThat(measured.at("/time_ratio/conversations").intValue()).isEqualTo(3);
        JsonNode immediate = MeasuredStatistics.of(failing(0));
        assertThat(immediate.at("/time_ratio/mean").doubleValue())
                .as("who fails at once is not fast")
                .isEqualTo(1);
        assertThat(measured.at("/tokens_per_request/mean").doubleValue()).isEqualTo(10);
    }

    @Test
    void aTimeBelowAMillisecondLeavesItsPairInTheRatio() {
        ArrayNode rows = failing(1000);
        for (JsonNode row : rows) {
            ((ObjectNode) row.at("/outcome/baseline")).put("total_ms", 0);
        }
        assertThat(MeasuredStatistics.of(rows).at("/time_ratio/mean").doubleValue())
                .isEqualTo(1000);
    }

    private static ArrayNode failing(int millis) {
        ArrayNode rows = Json.array();
        pair(rows, "a", 10, millis, true);
        pair(rows, "b", 10, millis, true);
        return rows;
    }

    @Test
    void aCandidateThatTimesOutTakesItsLimitAndTheBaselineAfterItOnlyItsOwnTime() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Yes.");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((_, _) -> await(released));
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 1)
                        .firstByte(Duration.ofSeconds(1))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            client.chat("a", true);
            client.chat("b", true);
            assertThat(GatewayClient.comes(() -> pairs(client) == 2)).isTrue();
            for (JsonNode pair : client.json("/rollout/pairs").path("data")) {
                assertThat(pair.at("/outcome/candidate/failed").stringValue()).contains("no answer within");
                assertThat(pair.at("/outcome/candidate/total_ms").intValue()).isBetween(1000, 5000);
                assertThat(pair.at("/outcome/baseline/total_ms").intValue()).isLessThan(1000);
            }
            assertThat(client.json("/rollout/measured").at("/time_ratio/low").doubleValue())
                    .isGreaterThan(1);
            released.countDown();
        }
    }

    private static void await(CountDownLatch released) {
        try {
            assertThat(released.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int pairs(GatewayClient client) {
        try {
            return client.json("/rollout/measured").path("pairs").asInt(0);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
