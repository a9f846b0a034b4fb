package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A candidate whose router raises alarms, tested with whole gateways.
class RouterAlarmsTest {

    static final RouterWatch OFTEN = new RouterWatch(Duration.ofMillis(50), 0.2, 1);
    private static final String REASON = "{\"reason\":\"a test\"}";

    private static final String WELL =
            "{\"state\":\"closed\",\"window\":{\"tokens\":9,\"shares\":[0.5,0.5],\"expected\":[0.5,0.5],\"drift\":0.0}}";
    private static final String DRIFTS =
            "{\"state\":\"closed\",\"window\":{\"tokens\":9,\"shares\":[0.9,0.1],\"expected\":[0.5,0.5],\"drift\":0.4}}";

    @TempDir
    private Path folder;

    private final AtomicReference<String> router = new AtomicReference<>(WELL);

    private ScriptedEndpoint candidate() {
        return ScriptedEndpoint.start((exchange, body) -> {
            if (exchange.path().equals("/router")) {
                exchange.send(200, "application/json", router.get().getBytes(StandardCharsets.UTF_8));
            } else if (exchange.path().equals("/admin/reload")) {
                exchange.send(200, "application/json", "{\"folder\":\"runs/fitted\"}".getBytes(StandardCharsets.UTF_8));
            } else if (exchange.path().equals("/admin/rollback")) {
                exchange.send(
                        400,
                        "application/json",
                        "{\"error\":{\"message\":\"nothing to go back to\"}}".getBytes(StandardCharsets.UTF_8));
            } else {
                ScriptedEndpoint.say(exchange, body, "Hello");
            }
        });
    }

    @Test
    void anAlarmTakesTheDialAwayAndNoTraffic() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = candidate();
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CERTIFIED, 1)
                        .stage(RolloutState.FULL, 1)
                        .manual()
                        .router(OFTEN)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(effort(client, candidate)).isEqualTo(0.5);
            router.set(DRIFTS);
            assertThat(GatewayClient.comes(() -> dialIsAway(client))).isTrue();
            assertThat(gateway.state()).isEqualTo("certified");
            assertThat(effort(client, candidate)).isEqualTo(1);
            JsonNode decision = client.json("/rollout/decisions").path("data").path(0);
            assertThat(decision.path("action").asString("")).isEqualTo("dial");
            assertThat(decision.path("reason").asString("")).contains("drift");
            assertThat(decision.path("router").path("drift").asDouble(0)).isEqualTo(0.4);
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_router_alarm{alarm=\"drift\"} 1.0")
                    .contains("saiki_gateway_dial_away 1.0");
            assertThat(client.post("/rollout/promote", REASON).body()).contains("still raises alarms (drift)");
            router.set(WELL);
            assertThat(GatewayClient.comes(() -> isQuiet(client))).isTrue();
            assertThat(dialIsAway(client)).isTrue();
            assertThat(client.post("/rollout/promote", REASON).statusCode()).isEqualTo(200);
            assertThat(gateway.state()).isEqualTo("certified");
            assertThat(effort(client, candidate)).isEqualTo(0.5);
        }
    }

    @Test
    void anAlarmInTheShadowIsWrittenDownAndHoldsTheNextStage() throws Exception {
        router.set(DRIFTS);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = candidate();
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 1)
                        .router(OFTEN)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> !isQuiet(client))).isTrue();
            for (int conversation = 0; conversation < 260; conversation++) {
                client.chat("c" + conversation, false);
            }
            Thread.sleep(500);
            assertThat(gateway.state()).isEqualTo("shadow");
            assertThat(client.json("/rollout/decisions")
                            .path("data")
                            .path(0)
                            .path("action")
                            .asString(""))
                    .isEqualTo("alarm");
            router.set(WELL);
            assertThat(GatewayClient.comes(() -> gateway.state().equals("canary")))
                    .isTrue();
        }
    }

    @Test
    void otherThresholdsTakeTheDialAwayUntilItIsGivenBack() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = candidate();
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CERTIFIED, 1)
                        .manual()
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(client.post("/rollout/adjust", REASON).statusCode()).isEqualTo(400);
            assertThat(client.post("/rollout/adjust", "{\"reason\":\"a test\",\"model\":\"runs/fitted\"}")
                            .statusCode())
                    .isEqualTo(200);
            ScriptedEndpoint.Seen seen = candidate.seen().getLast();
            assertThat(seen.path()).isEqualTo("/admin/reload");
            assertThat(seen.body().path("model").asString("")).isEqualTo("runs/fitted");
            assertThat(seen.body().path("name").asString("")).isEqualTo("new");
            assertThat(seen.headers().get("Authorization")).containsExactly("Bearer candidate-key");
            assertThat(effort(client, candidate)).isEqualTo(1);
            JsonNode decisions = client.json("/rollout/decisions").path("data");
            assertThat(decisions.path(0).path("reason").asString("")).isEqualTo("the candidate serves runs/fitted");
            assertThat(decisions.path(1).path("action").asString("")).isEqualTo("adjust");
            client.post("/rollout/promote", REASON);
            assertThat(effort(client, candidate)).isEqualTo(0.5);
            HttpResponse<String> refused = client.post("/rollout/adjust", "{\"reason\":\"a test\",\"back\":true}");
            assertThat(refused.statusCode()).isEqualTo(502);
            assertThat(refused.body()).contains("nothing to go back to");
            assertThat(effort(client, candidate)).isEqualTo(1);
        }
    }

    /// The effort in requests to the candidate.
    private static double effort(GatewayClient client, ScriptedEndpoint candidate) throws Exception {
        client.chat("one", false);
        return candidate.seen().stream()
                .filter(seen -> !seen.path().equals("/router"))
                .toList()
                .getLast()
                .body()
                .path("effort")
                .asDouble(0);
    }

    private static boolean dialIsAway(GatewayClient client) {
        return status(client).path("dial_away").asBoolean(false);
    }

    private static boolean isQuiet(GatewayClient client) {
        return status(client).path("alarms").isEmpty();
    }

    private static JsonNode status(GatewayClient client) {
        try {
            return client.json("/rollout");
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
