package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.check.ErrorCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.check.GoldenQuestion;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenSetTest {

    private static final List<GoldenQuestion> QUESTIONS = GoldenQuestion.read(
            "golden.jsonl",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"Capital of France?\"}],\"pattern\":\"Paris\"}",
            Map.of());

    private static final List<RolloutGate> GATES = List.of(
            new RolloutGate("errors", new ErrorCheck(true, true), 0.5, true, true),
            new RolloutGate("known", new GoldenCheck(QUESTIONS, Duration.ofMillis(5)), 0.2, true, true));

    @TempDir
    private Path folder;

    @Test
    void aCandidateThatGetsThemWrongIsLeftWithoutTraffic() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("It is Paris.");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("It is Rome.");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .gates(GATES)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .isTrue();
            assertThat(client.json("/rollout/decisions").at("/data/0/reason").stringValue())
                    .contains("gate known");
            assertThat(candidate.seen().getFirst().body().path("model").stringValue())
                    .isEqualTo("new");
            assertThat(candidate.seen().getFirst().body().path("effort").intValue())
                    .isEqualTo(1);
            assertThat(client.json("/rollout/pairs").at("/data/0/conversation").stringValue())
                    .startsWith("golden-1-");
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_golden_total{outcome=\"answered\",side=\"baseline\"}")
                    .doesNotContain("saiki_gateway_mirrored_total");
        }
    }

    @Test
    void aCandidateThatGetsThemWrongAfterTheBaselineHasRetiredRaisesAnAlarm() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("It is Paris.");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("It is Rome.");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.RETIRED, 1)
                        .gates(GATES)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> client.shows("/rollout", "worse", "gate known")))
                    .isTrue();
            assertThat(gateway.state()).isEqualTo("retired");
            assertThat(baseline.seen()).isEmpty();
        }
    }

    @Test
    void theyAreEvidenceOfTheirGateAloneAndNoConversationsOfTheStage() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("It is Paris.");
                Gateway gateway = Gateway.start(Plans.between(baseline, baseline.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 1)
                        .gates(List.of(
                                new RolloutGate("errors", new ErrorCheck(true, true), 0.5, true, false),
                                GATES.getLast()))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> client.observed(1) > 100)).isTrue();
            assertThat(client.observed(0)).isZero();
            assertThat(gateway.state()).isEqualTo("shadow");
            for (int conversation = 0; conversation < 8; conversation++) {
                client.chat("c" + conversation, false);
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("canary")))
                    .isTrue();
        }
    }
}
