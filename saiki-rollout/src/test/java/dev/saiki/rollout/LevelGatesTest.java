package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.LevelCheck;
import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.check.LevelReading.Verdict;
import dev.saiki.rollout.check.PrometheusCheck;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.check.WebhookCheck;
import dev.saiki.rollout.plan.LevelGate;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.RolloutState;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Gates by levels that other systems know, with real servers in their place.
class LevelGatesTest {

    private static final String VALUE =
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"%s\"]}]}}";

    @TempDir
    private Path folder;

    private final AtomicReference<String> said = new AtomicReference<>("");

    private ScriptedEndpoint other(int status) {
        return ScriptedEndpoint.start((exchange, _) ->
                exchange.send(status, Json.CONTENT_TYPE, said.get().getBytes(StandardCharsets.UTF_8)));
    }

    private static RemoteService service(ScriptedEndpoint endpoint) {
        return new RemoteService(endpoint.url().resolve("/"), Optional.of("key"), Duration.ofSeconds(5));
    }

    private static PrometheusCheck p95(ScriptedEndpoint prometheus) {
        return new PrometheusCheck(
                service(prometheus), "histogram_quantile(0.95, sum by (le) (x))", Double.NEGATIVE_INFINITY, 0.4);
    }

    private static OperationSettings level(LevelCheck check) {
        return new OperationSettings(
                List.of(new LevelGate("level", check, Duration.ofMillis(20), 3, true, true)),
                Optional.empty(),
                List.of());
    }

    private Plans shadowThenCanary(ScriptedEndpoint model, LevelCheck check) {
        return Plans.between(model, model.url())
                .stage(RolloutState.SHADOW, 1)
                .stage(RolloutState.CANARY, 1)
                .operations(level(check));
    }

    private static void chat(GatewayClient client, int conversations) throws Exception {
        for (int conversation = 0; conversation < conversations; conversation++) {
            client.chat("c" + conversation, false);
        }
    }

    private static boolean waitsOnlyForTheLevel(GatewayClient client) {
        JsonNode awaited = client.status().path("awaited");
        return awaited.size() == 1 && awaited.path(0).asString("").startsWith("gate level:");
    }

    @Test
    void aPromotionWaitsUntilTheLevelHolds() throws Exception {
        said.set("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}");
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint prometheus = other(200);
                Gateway gateway =
                        Gateway.start(shadowThenCanary(model, p95(prometheus)).in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            chat(client, 260);
            assertThat(GatewayClient.comes(() -> waitsOnlyForTheLevel(client))).isTrue();
            assertThat(gateway.state()).isEqualTo("shadow");
            assertThat(client.status().path("levels").path(0).path("verdict").asString(""))
                    .isEqualTo("missing");
            assertThat(client.post("/rollout/promote", "{\"reason\":\"a test\"}")
                            .body())
                    .contains("the next stage waits for gate level: no answer (the query must have one value, got 0)");
            said.set(VALUE.formatted("0.31"));
            assertThat(GatewayClient.comes(() -> gateway.state().equals("canary")))
                    .isTrue();
            assertThat(prometheus.seen().getFirst().path()).isEqualTo("/api/v1/query");
            assertThat(prometheus.seen().getFirst().headers().toString()).contains("Bearer key");
        }
    }

    @Test
    void failuresInARowRetreatAtOnce() throws Exception {
        said.set(VALUE.formatted("0.31"));
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint prometheus = other(200);
                Gateway gateway =
                        Gateway.start(shadowThenCanary(model, p95(prometheus)).in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> client.status()
                            .path("levels")
                            .path(0)
                            .path("verdict")
                            .asString("")
                            .equals("passes")))
                    .isTrue();
            said.set(VALUE.formatted("0.52"));
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .isTrue();
            assertThat(client.json("/rollout/decisions")
                            .path("data")
                            .path(0)
                            .path("reason")
                            .asString(""))
                    .matches("gate level: [3-9] failures in a row, 0.52 is above 0.4");
        }
    }

    @Test
    void aServiceJudgesByTheStageAndItsFigures() throws Exception {
        try (ScriptedEndpoint model = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint judge = ScriptedEndpoint.start((exchange, body) -> exchange.send(
                        200,
                        Json.CONTENT_TYPE,
                        ("{\"pass\":" + (body.at("/evidence/0/observed").asInt(0) >= 155) + "}")
                                .getBytes(StandardCharsets.UTF_8)));
                Gateway gateway = Gateway.start(Plans.between(model, model.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 1)
                        .operations(new OperationSettings(
                                List.of(new LevelGate(
                                        "level",
                                        new WebhookCheck(service(judge)),
                                        Duration.ofMillis(20),
                                        1,
                                        false,
                                        true)),
                                Optional.empty(),
                                List.of()))
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            chat(client, 260);
            assertThat(GatewayClient.comes(() -> gateway.state().equals("canary")))
                    .isTrue();
            JsonNode asked = judge.seen().getFirst().body();
            assertThat(asked.path("model").asString("")).isEqualTo("assistant");
            assertThat(asked.path("state").asString("")).isEqualTo("shadow");
            assertThat(asked.at("/evidence/0/gate").asString("")).isEqualTo("errors");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            200 | {"status":"success","data":{"resultType":"scalar","result":[1,"0.4"]}} | PASSES  | 0.4
            200 | {"status":"success","data":{"resultType":"scalar","result":[1,"0.41"]}}| FAILS   | 0.41 is above 0.4
            200 | {"status":"success","data":{"resultType":"scalar","result":[1,"+Inf"]}}| FAILS   | +Inf is above 0.4
            200 | {"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]}} | MISSING | got NaN
            200 | {"data":{"resultType":"vector","result":[{"value":[1,"0"]},{"value":[1,"0"]}]}} | MISSING | got 2
            200 | {"data":{"resultType":"matrix","result":[{"values":[[1,"0"]]}]}}       | MISSING | a number
            200 | {"data":{"resultType":"vector","result":[{"histogram":[1,{}]}]}}       | MISSING | a number
            200 | {"data":{"resultType":"scalar","result":[1,"0"]},"warnings":["a part"]}| MISSING | warning: a part
            503 | {"status":"error","error":"query timed out"}                           | MISSING | 503: query timed out
            200 | not JSON                                                               | MISSING | not JSON
            200 | {}                                                                     | MISSING | a number
            """)
    void onlyOneNumberOfPrometheusIsAnAnswer(int status, String answer, Verdict verdict, String words) {
        said.set(answer);
        try (ScriptedEndpoint prometheus = other(status)) {
            LevelReading reading = p95(prometheus).ask(Json.object());
            assertThat(reading.verdict()).isEqualTo(verdict);
            assertThat(reading.words()).contains(words);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            200 | {"pass": true}                            | PASSES  | passes
            200 | {"pass": false, "reason": "budget spent"} | FAILS   | budget spent
            200 | {"pass": "true"}                          | MISSING | pass must be true or false
            200 | {}                                        | MISSING | pass must be true or false
            302 | {"pass": true}                            | MISSING | status 302
            500 | {"pass": true}                            | MISSING | status 500
            """)
    void onlyTrueIsAPassOfAService(int status, String answer, Verdict verdict, String words) {
        said.set(answer);
        try (ScriptedEndpoint judge = other(status)) {
            LevelReading reading = new WebhookCheck(service(judge)).ask(Json.object());
            assertThat(reading.verdict()).isEqualTo(verdict);
            assertThat(reading.words()).contains(words);
        }
    }

    @Test
    void anAnswerThatIsLateTooLongOrAbsentIsMissing() {
        try (ScriptedEndpoint hangs = ScriptedEndpoint.start((_, _) -> GatewayTest.sleep(3000));
                ScriptedEndpoint endless = ScriptedEndpoint.start((exchange, _) -> exchange.send(
                        200, Json.CONTENT_TYPE, " ".repeat(17 << 20).getBytes(StandardCharsets.UTF_8)))) {
            for (URI address : List.of(hangs.url(), endless.url(), URI.create("http://127.0.0.1:1/"))) {
                LevelReading reading = new WebhookCheck(
                                new RemoteService(address, Optional.empty(), Duration.ofMillis(800)))
                        .ask(Json.object());
                assertThat(reading.verdict()).as("%s", address).isEqualTo(Verdict.MISSING);
            }
        }
    }
}
