package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.plan.FallbackRules;
import dev.saiki.rollout.plan.RolloutState;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EjectedCandidateTest {

    @TempDir
    private Path folder;

    @Test
    void whatAnEjectedCandidateOwesCountsAgainstIt() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((_, _) -> await(released));
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.FULL, 1)
                        .firstByte(Duration.ofSeconds(1))
                        .fallback(new FallbackRules(5, Duration.ofHours(1), 1))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 100 && !gateway.state().equals("aborted"); conversation++) {
                assertThat(client.chat("c" + conversation, true).headers().firstValue("X-Saiki-Side"))
                        .contains("baseline");
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .isTrue();
            // Five losses alone would be far from enough.
            assertThat(candidate.seen()).hasSize(5);
            // Nobody asks the candidate of an aborted rollout.
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_ejected 0.0");
            released.countDown();
        }
    }

    private static void await(CountDownLatch released) {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aProbeBringsItBack() throws Exception {
        AtomicBoolean isDown = new AtomicBoolean(true);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((exchange, body) -> {
                    if (isDown.get()) {
                        exchange.send(503, "text/plain", new byte[0]);
                    } else {
                        ScriptedEndpoint.say(exchange, body, "Hello");
                    }
                });
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.FULL, 1)
                        .fallback(new FallbackRules(3, Duration.ofMillis(100), 1))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int request = 0; request < 3; request++) {
                assertThat(client.side("a")).isEqualTo("baseline");
            }
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_ejected 1.0");
            assertThat(client.json("/rollout").path("ejected").asBoolean(false)).isTrue();
            isDown.set(false);
            assertThat(GatewayClient.comes(() -> client.side("a").equals("candidate")))
                    .isTrue();
            assertThat(client.side("a")).isEqualTo("candidate");
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_ejected 0.0");
            assertThat(client.json("/rollout").path("ejected").asBoolean(true)).isFalse();
        }
    }

    @Test
    void requestsOnWhichTheBaselineFailsTooEjectNobody() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.failing(500);
                ScriptedEndpoint candidate = ScriptedEndpoint.failing(500);
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.FULL, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 12; conversation++) {
                assertThat(client.chat("c" + conversation, false).statusCode()).isEqualTo(500);
            }
            assertThat(candidate.seen()).hasSizeGreaterThan(FallbackRules.DEFAULT.failures());
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_ejected 0.0");
        }
    }

    @Test
    void aRetiredRolloutEjectsNobody() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.failing(503);
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.RETIRED, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 12; conversation++) {
                assertThat(client.chat("c" + conversation, false).statusCode()).isEqualTo(503);
            }
            assertThat(candidate.seen()).hasSize(12);
            assertThat(baseline.seen()).isEmpty();
        }
    }

    @Test
    void aPlanMayLimitTheShareOfRequestsInWhichTheBaselineTakesItsPlace() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.failing(500);
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.FULL, 1)
                        .fallback(new FallbackRules(5, Duration.ofHours(1), 0))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            // Requests after the first one of the conversation are not compared.
            List<HttpResponse<String>> refused = new ArrayList<>();
            for (int request = 0; request < 1000 && refused.isEmpty(); request++) {
                HttpResponse<String> answer = client.chat("a", false);
                if (answer.statusCode() != 200) {
                    refused.add(answer);
                }
            }
            assertThat(baseline.seen()).hasSizeGreaterThan(10);
            assertThat(refused).hasSize(1);
            assertThat(refused.getFirst().statusCode()).isEqualTo(503);
            assertThat(refused.getFirst().headers().firstValue("Retry-After")).contains("1");
            assertThat(refused.getFirst().body()).contains("fallback.share is used up");
            assertThat(client.get("/metrics").body()).contains("saiki_gateway_fallbacks_refused_total 1.0");
            assertThat(client.side("another")).isEqualTo("baseline");
        }
    }
}
