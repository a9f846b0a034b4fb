package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.RolloutState;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The decisions of whole gateways, as webhooks receive them.
class NotificationsTest {

    @TempDir
    private Path folder;

    private Gateway gateway(ScriptedEndpoint model, URI... hooks) {
        List<RemoteService> services = Stream.of(hooks)
                .map(url -> new RemoteService(url, Optional.of("hook-key"), Duration.ofSeconds(2)))
                .toList();
        return Gateway.start(Plans.between(model, model.url())
                .stage(RolloutState.FULL, 1)
                .operations(new OperationSettings(List.of(), Optional.empty(), services))
                .in(folder));
    }

    private static boolean has(ScriptedEndpoint hook, String action) {
        return hook.seen().stream()
                .anyMatch(
                        seen -> seen.body().at("/decision/action").asString("").equals(action));
    }

    @Test
    void aWebhookGetsEachDecisionAndFailuresAreRetried() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint hook = ScriptedEndpoint.start((exchange, _) -> exchange.send(
                        asked.incrementAndGet() == 1 ? 503 : 200,
                        "text/plain",
                        "ok".getBytes(StandardCharsets.UTF_8)));
                Gateway gateway = gateway(model, hook.url())) {
            assertThat(GatewayClient.comes(() -> hook.seen().size() == 2)).isTrue();
            assertThat(hook.seen().get(0).body()).isEqualTo(hook.seen().get(1).body());
            GatewayClient.of(gateway).post("/rollout/abort", "{\"reason\":\"<!channel> & more\"}");
            assertThat(GatewayClient.comes(() -> has(hook, "abort"))).isTrue();
            JsonNode message = hook.seen().getLast().body();
            assertThat(message.path("text").asString(""))
                    .isEqualTo("assistant: abort by anyone, from full to aborted: &lt;!channel&gt; &amp; more");
            assertThat(message.at("/decision/reason").asString("")).isEqualTo("<!channel> & more");
            assertThat(hook.seen().getLast().headers().toString()).contains("Bearer hook-key");
        }
    }

    @Test
    void aWebhookThatHangsDelaysNoDecisionAndNoOtherWebhook() throws Exception {
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint hangs = ScriptedEndpoint.start((_, _) -> GatewayTest.sleep(5000));
                ScriptedEndpoint hook =
                        ScriptedEndpoint.start((exchange, _) -> exchange.send(204, Json.CONTENT_TYPE, new byte[0]));
                Gateway gateway = gateway(model, hangs.url(), URI.create("http://127.0.0.1:1/"), hook.url())) {
            for (int time = 0; time < 150; time++) {
                assertThat(GatewayClient.of(gateway)
                                .post("/rollout/" + (time % 2 == 0 ? "pause" : "resume"), "{\"reason\":\"a test\"}")
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(GatewayClient.comes(() -> hook.seen().size() == 151)).isTrue();
        }
    }

    @Test
    void aDecisionJustBeforeTheEndIsStillSent() throws Exception {
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint hook = ScriptedEndpoint.start((exchange, _) -> {
                    GatewayTest.sleep(100);
                    exchange.send(200, Json.CONTENT_TYPE, new byte[0]);
                })) {
            try (Gateway gateway = gateway(model, hook.url())) {
                GatewayClient.of(gateway).post("/rollout/abort", "{\"reason\":\"a test\"}");
            }
            assertThat(has(hook, "abort")).isTrue();
        }
    }
}
