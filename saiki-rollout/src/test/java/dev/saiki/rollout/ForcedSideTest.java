package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.io.Sha256;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForcedSideTest {

    @TempDir
    private Path folder;

    @Test
    void anOperatorNamesTheSideAndItsRequestsAreNoEvidence() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(plan(baseline, candidate, RolloutState.FULL))) {
            GatewayClient operator = new GatewayClient(gateway.port(), "key-olga");
            for (String side : List.of("candidate", "baseline", "candidate")) {
                assertThat(operator.forced(side).headers().firstValue("X-Saiki-Side"))
                        .contains(side);
            }
            assertThat(candidate.seen().getFirst().headers()).doesNotContainKey("X-Saiki-Force-Side");
            assertThat(candidate.seen().getFirst().body().path("effort").isNumber())
                    .isTrue();
            operator.chat("usual", false);
            assertThat(GatewayClient.comes(() -> operator.observed(0) == 1)).isTrue();
            assertThat(operator.json("/rollout/pairs").path("data").size()).isOne();
            assertThat(candidate.seen()).hasSize(3);
            assertThat(operator.get("/metrics").body())
                    .contains("saiki_gateway_forced_total{side=\"baseline\"} 1.0")
                    .contains("saiki_gateway_forced_total{side=\"candidate\"} 2.0");
        }
    }

    @Test
    void aVerdictOnAForcedAnswerIsNoEvidence() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(plan(baseline, baseline, RolloutState.SHADOW))) {
            GatewayClient operator = new GatewayClient(gateway.port(), "key-olga");
            String answer = operator.forced("candidate").body();
            String id = answer.replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
            assertThat(operator.post("/v1/feedback", "{\"response_id\":\"" + id + "\",\"score\":0}")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void theBaselineDoesNotTakeThePlaceOfAForcedCandidate() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.failing(500);
                Gateway gateway = Gateway.start(plan(baseline, candidate, RolloutState.FULL))) {
            HttpResponse<String> answer = new GatewayClient(gateway.port(), "key-olga").forced("candidate");
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("broken on purpose");
            assertThat(baseline.seen()).isEmpty();
        }
    }

    @Test
    void onlyAnOperatorMayNameASideThatExists() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(plan(baseline, baseline, RolloutState.SHADOW))) {
            GatewayClient user = new GatewayClient(gateway.port(), "key-ann");
            HttpResponse<String> refused = user.forced("candidate");
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body())
                    .contains("the header X-Saiki-Force-Side needs an API key with the role operator");
            HttpResponse<String> wrong = user.with("key-olga").forced("new");
            assertThat(wrong.statusCode()).isEqualTo(400);
            assertThat(wrong.body()).contains("must be baseline or candidate, got new");
            assertThat(baseline.seen()).isEmpty();
        }
    }

    private GatewayPlan plan(ScriptedEndpoint baseline, ScriptedEndpoint candidate, RolloutState state) {
        ApiKeys keys = ApiKeys.parse(List.of(line("ann", "user"), line("olga", "operator")), "keys");
        return Plans.between(baseline, candidate.url())
                .stage(state, 1)
                .manual()
                .keys(keys)
                .in(folder);
    }

    private static String line(String name, String role) {
        return name + " " + Sha256.hex(("key-" + name).getBytes(StandardCharsets.UTF_8)) + " " + role;
    }
}
