package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.check.Check;
import dev.saiki.rollout.check.ErrorRateCheck;
import dev.saiki.rollout.check.LatencyQuantileCheck;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Gates on each side's figures, tested with whole gateways.
class FigureGatesTest {

    @TempDir
    private Path folder;

    @Test
    void aCandidateWithTooManyErrorsIsLeftThoughNoPairSaysSo() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((exchange, body) -> {
                    if (asked.incrementAndGet() % 3 == 0) {
                        exchange.send(500, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
                    } else {
                        ScriptedEndpoint.say(exchange, body, "Hello");
                    }
                });
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .gates(List.of(gate("rate", new ErrorRateCheck(0.02, true))))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            JsonNode decision = untilAborted(gateway, client);
            assertThat(decision.path("reason").asString("")).startsWith("gate rate:");
            JsonNode figures = decision.path("evidence").path(0).path("figures");
            assertThat(figures.path("baseline").asDouble(1)).isZero();
            assertThat(figures.path("candidate").asDouble(0)).isBetween(0.2, 0.5);
        }
    }

    @Test
    void aSlowCandidateIsLeft() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((exchange, body) -> {
                    sleep();
                    ScriptedEndpoint.say(exchange, body, "Hello");
                });
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 1)
                        .gates(List.of(gate("p75", new LatencyQuantileCheck(0.75, false, 0.05, false))))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            JsonNode decision = untilAborted(gateway, client);
            assertThat(decision.path("reason").asString("")).startsWith("gate p75:");
            assertThat(decision.path("evidence")
                            .path(0)
                            .path("figures")
                            .path("candidate")
                            .asDouble(0))
                    .isGreaterThan(0.09);
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_figure{gate=\"p75\",side=\"baseline\"}");
        }
    }

    @Test
    void aCandidateWithoutErrorsPasses() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 1)
                        .gates(List.of(gate("rate", new ErrorRateCheck(0.2, false))))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 260; conversation++) {
                client.chat("c" + conversation, false);
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("canary")))
                    .isTrue();
        }
    }

    private static RolloutGate gate(String name, Check check) {
        return new RolloutGate(name, check, 0, true, true);
    }

    private static void sleep() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonNode untilAborted(Gateway gateway, GatewayClient client) throws Exception {
        for (int conversation = 0; conversation < 300 && !gateway.state().equals("aborted"); conversation++) {
            client.chat("c" + conversation, false);
        }
        assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted"))).isTrue();
        return client.json("/rollout/decisions").path("data").path(0);
    }
}
