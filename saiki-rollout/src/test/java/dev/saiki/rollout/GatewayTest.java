package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class GatewayTest {

    private static final String STREAM = String.join(
            "",
            ": a comment\n\n",
            "data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"é\"}}]}\r\n\r\n",
            "data:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
            "event: odd\ndata: [DONE]\n\n");

    @TempDir
    private Path folder;

    @Test
    void aStreamIsPassedOnByteForByte() throws Exception {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start((exchange, _) -> {
                    exchange.setHeader("X-Of-The-Baseline", "yes");
                    try (OutputStream output = exchange.stream("text/event-stream; charset=utf-8")) {
                        for (byte one : bytes) {
                            output.write(one);
                            output.flush();
                        }
                    }
                });
                Gateway gateway = Gateway.start(shadow(baseline, 0.5))) {
            HttpResponse<InputStream> response =
                    GatewayClient.of(gateway).open("/v1/chat/completions", GatewayClient.chatBody(true));
            assertThat(response.body().readAllBytes()).isEqualTo(bytes);
            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream; charset=utf-8");
            assertThat(response.headers().firstValue("X-Of-The-Baseline")).contains("yes");
            assertThat(response.headers().firstValue("X-Saiki-Side")).contains("baseline");
            ScriptedEndpoint.Seen seen = baseline.seen().getFirst();
            assertThat(seen.path()).isEqualTo("/v1/chat/completions");
            assertThat(seen.body().path("model").stringValue()).isEqualTo("old");
            assertThat(seen.headers().get("Authorization")).containsExactly("Bearer baseline-key");
            assertThat(seen.headers()).doesNotContainKey("Connection");
        }
    }

    @Test
    void anotherModelIsAskedOfTheBaselineAsItCame() throws Exception {
        String body = "{ \"model\" : \"other\", \"prompt\": \"a\", \"temperature\": 0.70 }";
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("yes");
                Gateway gateway = Gateway.start(full(baseline, ScriptedEndpoint.failing(500)))) {
            HttpResponse<String> response = GatewayClient.of(gateway).post("/v1/completions", body);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(baseline.seen().getFirst().body().path("model").stringValue())
                    .isEqualTo("other");
        }
    }

    @Test
    void errorsOfTheBaselineArePassedOn() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start((exchange, _) -> {
                    exchange.setHeader("Retry-After", "7");
                    exchange.send(429, Json.CONTENT_TYPE, "{\"error\":{}}".getBytes(StandardCharsets.UTF_8));
                });
                Gateway gateway = Gateway.start(shadow(baseline, 0.5))) {
            HttpResponse<String> response = GatewayClient.of(gateway).chat("a", false);
            assertThat(response.statusCode()).isEqualTo(429);
            assertThat(response.body()).isEqualTo("{\"error\":{}}");
            assertThat(response.headers().firstValue("Retry-After")).contains("7");
        }
    }

    @Test
    void aBaselineThatIsGoneIsOneClearError() throws Exception {
        ScriptedEndpoint baseline = ScriptedEndpoint.saying("x");
        baseline.close();
        try (Gateway gateway = Gateway.start(shadow(baseline, 0.5))) {
            HttpResponse<String> response = GatewayClient.of(gateway).chat("a", false);
            assertThat(response.statusCode()).isEqualTo(502);
            assertThat(response.body()).contains("the baseline failed");
        }
    }

    @Test
    void aClientThatLeavesEndsTheRequestUpstream() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start((exchange, _) -> {
                    try (OutputStream output = exchange.stream("text/event-stream")) {
                        while (true) {
                            ScriptedEndpoint.write(output, "data: {}\n\n");
                            sleep(20);
                        }
                    } catch (IOException e) {
                        ended.countDown();
                        throw e;
                    }
                });
                Gateway gateway = Gateway.start(shadow(baseline, 0.5))) {
            HttpResponse<InputStream> response =
                    GatewayClient.of(gateway).open("/v1/chat/completions", GatewayClient.chatBody(true));
            assertThat(response.body().read()).isEqualTo('d');
            response.body().close();
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnError() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start((exchange, _) -> {
                    OutputStream output = exchange.stream("text/event-stream");
                    ScriptedEndpoint.write(output, "data: {\"id\":\"x\"}\n\n");
                    throw new IOException("broken on purpose");
                });
                Gateway gateway = Gateway.start(shadow(baseline, 0.5))) {
            HttpResponse<String> response = GatewayClient.of(gateway).chat("a", true);
            assertThat(response.body()).startsWith("data: {\"id\":\"x\"}\n\n").contains("upstream_failed");
        }
    }

    @Test
    void aShadowGoesOnToFullWhenBothAgree() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello, world");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("hello world");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 0.5)
                        .stage(RolloutState.CERTIFIED, 1)
                        .stage(RolloutState.FULL, 1)
                        .gates(Plans.AGREEMENT)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            int conversations = 0;
            while (!gateway.state().equals("full") && conversations < 400) {
                assertThat(client.chat("c" + conversations++, conversations % 2 == 0)
                                .statusCode())
                        .isEqualTo(200);
                sleep(10);
            }
            assertThat(gateway.state()).isEqualTo("full");
            assertThat(candidate.seen().getFirst().body().path("model").stringValue())
                    .isEqualTo("new");
            assertThat(candidate.seen().getFirst().body().path("effort").doubleValue())
                    .isEqualTo(1);
            HttpResponse<String> last = client.chat("last", false);
            assertThat(last.headers().firstValue("X-Saiki-Side")).contains("candidate");
            assertThat(candidate.seen().getLast().body().path("effort").doubleValue())
                    .isEqualTo(0.5);
            List<String> actions = client.json("/rollout/decisions").path("data").values().stream()
                    .map(decision -> decision.path("action").stringValue())
                    .toList();
            assertThat(actions).containsExactly("promote", "promote", "promote", "begin");
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_state{state=\"full\"} 1.0")
                    .contains("saiki_gateway_mirrored_tokens_total");
        }
    }

    @Test
    void aRampOfCanaryStagesMovesByItselfAndTakesNoConversationBack() throws Exception {
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(model, model.url())
                        .stage(RolloutState.CANARY, 0.5)
                        .stage(RolloutState.CANARY, 0.7)
                        .stage(RolloutState.CANARY, 0.9)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            List<List<String>> sides = new ArrayList<>();
            for (int conversation = 0; sides.size() < 3 && conversation < 1_000; conversation++) {
                client.chat("c" + conversation, false);
                if (client.status().path("stage").asInt(0) > sides.size()) {
                    sides.add(client.sides());
                }
            }
            assertThat(gateway.state()).isEqualTo("canary");
            assertThat(client.status().path("share").asDouble(0)).isEqualTo(0.9);
            for (int stage = 1; stage < 3; stage++) {
                for (int conversation = 0; conversation < 20; conversation++) {
                    if (sides.get(stage - 1).get(conversation).equals("candidate")) {
                        assertThat(sides.get(stage).get(conversation)).isEqualTo("candidate");
                    }
                }
            }
            assertThat(sides.getFirst()).contains("candidate", "baseline");
        }
    }

    @Test
    void aCandidateThatFailsIsLeftAndNothingIsLost() throws Exception {
        retreats(ScriptedEndpoint.failing(500), Duration.ofSeconds(5));
    }

    @Test
    void aCandidateThatHangsIsLeftAndNothingIsLost() throws Exception {
        retreats(ScriptedEndpoint.start((_, _) -> sleep(3000)), Duration.ofSeconds(1));
    }

    @Test
    void aCandidateWhoseStreamsHangAfterTheirHeadIsLeftAndNothingIsLost() throws Exception {
        retreats(
                ScriptedEndpoint.start((exchange, _) -> {
                    OutputStream output = exchange.stream("text/event-stream");
                    output.write(new byte[0]);
                    output.flush();
                    sleep(3000);
                }),
                Duration.ofSeconds(1));
    }

    @Test
    void aCandidateThatIsGoneIsLeftAndNothingIsLost() throws Exception {
        ScriptedEndpoint gone = ScriptedEndpoint.saying("x");
        gone.close();
        retreats(gone, Duration.ofSeconds(5));
    }

    private void retreats(ScriptedEndpoint candidate, Duration firstByte) throws Exception {
        try (candidate;
                ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 1)
                        .firstByte(firstByte)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            int conversations = 0;
            while (!gateway.state().equals("aborted") && conversations < 100) {
                HttpResponse<String> response = client.chat("c" + conversations++, true);
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.body()).contains("Hello").contains("[DONE]");
                assertThat(response.headers().firstValue("X-Saiki-Side")).contains("baseline");
            }
            // Evidence enters after the answers: quick ones may be 100 before that of the first 60 has.
            for (int wait = 0; wait < 500 && !gateway.state().equals("aborted"); wait++) {
                sleep(10);
            }
            assertThat(gateway.state()).isEqualTo("aborted");
            assertThat(baseline.seen()).hasSize(conversations);
            assertThat(client.json("/rollout/decisions")
                            .path("data")
                            .path(0)
                            .path("reason")
                            .stringValue())
                    .contains("gate errors");
        }
    }

    @Test
    void noAnswerWaitsForAShadowThatHangs() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.start((_, _) -> await(released));
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            // More than are asked of a candidate at a time.
            for (int conversation = 0; conversation < 60; conversation++) {
                assertThat(client.chat("c" + conversation, false).statusCode()).isEqualTo(200);
            }
            assertThat(candidate.seen()).isNotEmpty();
            assertThat(client.get("/metrics").body())
                    .contains("saiki_gateway_requests_total{side=\"baseline\",status=\"200\"} 60.0")
                    .doesNotContain("saiki_gateway_mirrored_total");
            released.countDown();
        }
    }

    @Test
    void aBaselineThatIsGoneIsNotHeldAgainstTheCandidate() throws Exception {
        ScriptedEndpoint baseline = ScriptedEndpoint.saying("x");
        baseline.close();
        try (ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 10; conversation++) {
                assertThat(client.chat("c" + conversation, true).statusCode()).isEqualTo(502);
            }
            assertThat(GatewayClient.comes(() -> client.observed(0) == 10)).isTrue();
            JsonNode figures = client.json("/rollout").at("/evidence/0/figures");
            assertThat(figures.path("baseline").asDouble(0)).isEqualTo(1);
            assertThat(figures.path("candidate").asDouble(1)).isZero();
        }
    }

    @Test
    void aClientThatTakesItsTimeIsNotHeldAgainstTheCandidate() throws Exception {
        ScriptedEndpoint.Script script = (exchange, _) -> {
            try (OutputStream output = exchange.stream("text/event-stream")) {
                for (int piece = 0; piece < 40; piece++) {
                    ScriptedEndpoint.write(output, event("x".repeat(1 << 17), piece));
                }
                ScriptedEndpoint.write(output, "data: [DONE]\n\n");
            }
        };
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start(script);
                ScriptedEndpoint candidate = ScriptedEndpoint.start(script);
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 1)
                        .answer(Duration.ofSeconds(10))
                        .time(Duration.ofMinutes(1))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            HttpResponse<InputStream> slow = client.open("/v1/chat/completions", GatewayClient.chatBody(true));
            assertThat(slow.body().read()).isEqualTo('d');
            sleep(10_500);
            slow.body().readAllBytes();
            slow.body().close();
            assertThat(GatewayClient.comes(() -> client.observed(0) == 1)).isTrue();
            assertThat(client.json("/rollout")
                            .at("/evidence/0/figures/candidate")
                            .asDouble(1))
                    .isZero();
        }
    }

    @Test
    void aConversationIsComparedAtItsFirstTurnAndAtMostOnceLater() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.SHADOW, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 20; conversation++) {
                for (int turn = 1; turn <= 3; turn++) {
                    client.post("/v1/chat/completions", turn("number " + conversation, turn));
                }
            }
            assertThat(GatewayClient.comes(() -> client.observed(0) == 20)).isTrue();
            assertThat(GatewayClient.comes(() -> candidate.seen().size() == 20 + client.observed("turn=later")))
                    .isTrue();
            assertThat(client.observed("turn=later")).isBetween(5L, 20L);
            assertThat(client.observed(0)).isEqualTo(20);
        }
    }

    private static String turn(String begins, int turn) {
        ObjectNode body = Json.object().put("model", "assistant");
        ArrayNode messages = body.putArray("messages");
        messages.addObject().put("role", "user").put("content", begins);
        for (int before = 1; before < turn; before++) {
            messages.addObject().put("role", "assistant").put("content", "Hello");
            messages.addObject().put("role", "user").put("content", "and?");
        }
        return new String(Json.bytes(body), StandardCharsets.UTF_8);
    }

    @Test
    void twoHundredStreamsAtOnceArriveWhole() throws Exception {
        ScriptedEndpoint.Script script = (exchange, _) -> {
            String conversation = exchange.header("X-Conversation-Id").orElseThrow();
            try (OutputStream output = exchange.stream("text/event-stream")) {
                for (int piece = 0; piece < 20; piece++) {
                    ScriptedEndpoint.write(output, event(conversation, piece));
                    sleep(5);
                }
            }
        };
        try (ScriptedEndpoint baseline = ScriptedEndpoint.start(script);
                ScriptedEndpoint candidate = ScriptedEndpoint.start(script);
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 0.5)
                        .firstByte(Duration.ofSeconds(20))
                        .in(folder));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            GatewayClient client = GatewayClient.of(gateway);
            List<Future<HttpResponse<String>>> answers = IntStream.range(0, 200)
                    .mapToObj(stream -> clients.submit(() -> client.chat("c" + stream, true)))
                    .toList();
            Set<String> sides = new HashSet<>();
            for (int stream = 0; stream < 200; stream++) {
                HttpResponse<String> answer = answers.get(stream).get();
                String conversation = "c" + stream;
                assertThat(answer.body())
                        .isEqualTo(IntStream.range(0, 20)
                                .mapToObj(piece -> event(conversation, piece))
                                .collect(Collectors.joining()));
                sides.add(answer.headers().firstValue("X-Saiki-Side").orElseThrow());
            }
            assertThat(sides).containsExactlyInAnyOrder("baseline", "candidate");
        }
    }

    private static String event(String conversation, int piece) {
        return "data: {\"id\":\"" + conversation + "\",\"choices\":[{\"delta\":{\"content\":\"" + piece + "\"}}]}\n\n";
    }

    private static void await(CountDownLatch released) {
        try {
            assertThat(released.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private GatewayPlan shadow(ScriptedEndpoint baseline, double share) {
        return Plans.between(baseline, baseline.url())
                .stage(RolloutState.SHADOW, share)
                .in(folder);
    }

    private GatewayPlan full(ScriptedEndpoint baseline, ScriptedEndpoint candidate) {
        return Plans.between(baseline, candidate.url())
                .stage(RolloutState.FULL, 1)
                .in(folder);
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(Duration.ofMillis(millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
