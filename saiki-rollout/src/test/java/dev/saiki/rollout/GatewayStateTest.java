package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.io.Sha256;
import dev.saiki.io.sql.Sql;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.plan.ForwardedRoute;
import dev.saiki.rollout.plan.GatewayAccess;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.PairRetention;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.router.RouterWatch;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class GatewayStateTest {

    private static final String REASON = "{\"reason\":\"a test\"}";
    private static final String FORCED = "{\"reason\":\"a test\",\"force\":true}";

    @TempDir
    private Path folder;

    @Test
    void stateAndSidesSurviveARestart() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.SHADOW, 1)
                    .stage(RolloutState.CANARY, 0.5)
                    .manual()
                    .in(folder);
            List<String> before;
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                assertThat(client.post("/rollout/promote", FORCED).statusCode()).isEqualTo(200);
                before = client.sides();
                assertThat(before).contains("baseline", "candidate");
            }
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                assertThat(client.state()).isEqualTo("canary");
                assertThat(client.sides()).isEqualTo(before);
            }
        }
    }

    @Test
    void evidenceGoesOnAfterARestart() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.SHADOW, 1)
                    .manual()
                    .in(folder);
            JsonNode before;
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                for (int conversation = 0; conversation < 5; conversation++) {
                    client.chat("c" + conversation, false);
                }
                assertThat(GatewayClient.comes(() -> client.observed(0) == 5)).isTrue();
                before = client.json("/rollout").path("evidence");
            }
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                assertThat(client.json("/rollout").path("evidence")).isEqualTo(before);
                client.chat("c0", false);
                client.chat("another", false);
                assertThat(GatewayClient.comes(() -> client.observed(0) == 6)).isTrue();
            }
        }
    }

    @Test
    void aCheckpointSwappedBehindTheAddressOfTheCandidateIsNoticed() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            try (Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                    .stage(RolloutState.SHADOW, 1)
                    .manual()
                    .router(new RouterWatch(Duration.ofMillis(50), 0.25, 1000))
                    .in(folder))) {
                GatewayClient client = GatewayClient.of(gateway);
                assertThat(GatewayClient.comes(() -> {
                            candidate.serves(UUID.randomUUID().toString());
                            return client.reasons().contains("the candidate serves another checkpoint");
                        }))
                        .isTrue();
            }
        }
    }

    @Test
    void anotherCandidateBeginsAnew() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            Plans plans = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.SHADOW, 1)
                    .stage(RolloutState.CANARY, 1)
                    .manual();
            try (Gateway gateway = Gateway.start(plans.in(folder))) {
                GatewayClient.of(gateway).post("/rollout/promote", FORCED);
                assertThat(gateway.state()).isEqualTo("canary");
            }
            try (Gateway gateway = Gateway.start(Plans.between(baseline, baseline.url())
                    .stage(RolloutState.SHADOW, 1)
                    .stage(RolloutState.CANARY, 1)
                    .manual()
                    .in(folder))) {
                assertThat(gateway.state()).isEqualTo("shadow");
            }
        }
    }

    @Test
    void aGatewayThatAnnouncesItsEndIsNotReadyButStillAnswers() throws Exception {
        try (ScriptedEndpoint endpoint = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(endpoint, endpoint.url())
                        .stage(RolloutState.SHADOW, 1)
                        .manual()
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(client.get("/health/ready").statusCode()).isEqualTo(200);
            gateway.announceEnd();
            assertThat(client.get("/health/ready").statusCode()).isEqualTo(503);
            assertThat(client.get("/health").statusCode()).as("it is alive").isEqualTo(200);
            assertThat(client.chat("a", false).statusCode()).isEqualTo(200);
        }
    }

    /// A transaction would wait for the other one, and fail.
    @Test
    void anIdleGatewayDoesNotTouchItsDatabase() throws Exception {
        try (ScriptedEndpoint endpoint = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(endpoint, endpoint.url())
                        .stage(RolloutState.SHADOW, 1)
                        .manual()
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            client.chat("a", false);
            assertThat(GatewayClient.comes(() -> client.observed(0) == 1)).isTrue();
            Thread.sleep(Duration.ofSeconds(1));
            try (Sql other = new Sql(Sql.connectToSqlite(folder.resolve("rollout.db"), Duration.ofSeconds(5)))) {
                other.transact("", () -> {
                    other.execute("DELETE FROM rollout_answer");
                    LockSupport.parkNanos(Duration.ofSeconds(5).toNanos());
                    return "";
                });
            }
            assertThat(client.json("/health").path("database").asString("")).isEqualTo("up");
        }
    }

    @Test
    void anOldBackupAndALostDatabaseAreToldAfterARestart() throws Exception {
        Path database = folder.resolve("rollout.db");
        Path backup = folder.resolve("backup.db");
        try (ScriptedEndpoint endpoint = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(endpoint, endpoint.url())
                    .stage(RolloutState.SHADOW, 1)
                    .stage(RolloutState.CANARY, 1)
                    .manual()
                    .in(folder);
            Gateway.start(plan).close();
            Files.copy(database, backup);
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                client.post("/rollout/promote", FORCED);
                client.post("/rollout/abort", REASON);
                assertThat(client.reasons()).doesNotContain("old backup");
            }
            Files.copy(backup, database, StandardCopyOption.REPLACE_EXISTING);
            try (Gateway gateway = Gateway.start(plan)) {
                assertThat(GatewayClient.of(gateway).reasons()).contains("old backup", "the evidence begins anew");
                assertThat(gateway.state()).isEqualTo("aborted");
            }
            Files.delete(database);
            try (Gateway gateway = Gateway.start(plan)) {
                assertThat(GatewayClient.of(gateway).reasons()).contains("the former database is lost");
                assertThat(gateway.state()).isEqualTo("shadow");
            }
            try (Gateway gateway = Gateway.start(plan)) {
                assertThat(GatewayClient.of(gateway).reasons()).doesNotContain("old backup");
            }
        }
    }

    @Test
    void withoutItsDatabaseTheBaselineAnswersAll() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.FULL, 1)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(client.side("a")).isEqualTo("candidate");
            Files.delete(folder.resolve("rollout.db"));
            assertThat(GatewayClient.comes(() -> client.side("a").equals("baseline")))
                    .isTrue();
            assertThat(client.json("/health").path("status").stringValue()).isEqualTo("degraded");
        }
    }

    @Test
    void rightsDecideWhoMovesIt() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, baseline.url())
                        .stage(RolloutState.SHADOW, 1)
                        .stage(RolloutState.CANARY, 1)
                        .manual()
                        .access(access(false))
                        .in(folder))) {
            GatewayClient nobody = new GatewayClient(gateway.port(), "wrong");
            assertThat(nobody.post("/rollout/abort", REASON).statusCode()).isEqualTo(401);
            assertThat(nobody.chat("a", false).statusCode()).isEqualTo(401);
            GatewayClient ann = nobody.with("key-ann");
            GatewayClient bob = nobody.with("key-bob");
            assertThat(ann.post("/rollout/promote", FORCED).statusCode()).isEqualTo(403);
            assertThat(bob.post("/rollout/promote", REASON).body()).contains("the next stage waits for");
            assertThat(bob.post("/rollout/promote", FORCED).statusCode()).isEqualTo(200);
            assertThat(bob.post("/rollout/abort", REASON).statusCode()).isEqualTo(403);
            assertThat(ann.post("/rollout/abort", "{}").statusCode()).isEqualTo(400);
            assertThat(ann.post("/rollout/abort", REASON).statusCode()).isEqualTo(200);
            assertThat(gateway.state()).isEqualTo("aborted");
            JsonNode last = ann.json("/rollout/decisions").path("data").path(0);
            assertThat(last.path("who").stringValue()).isEqualTo("ann");
            assertThat(last.path("reason").stringValue()).isEqualTo("a test");
            assertThat(last.path("evidence").size()).isEqualTo(1);
        }
    }

    private static GatewayAccess access(boolean keepsTexts) {
        ApiKeys keys =
                ApiKeys.parse(List.of(line("ann", "user"), line("bob", "user"), line("olga", "operator")), "keys");
        return new GatewayAccess(
                ScriptedEndpoint.local(),
                ForwardedRoute.DEFAULTS,
                Optional.of(keys),
                Set.of("ann"),
                Set.of("bob"),
                keepsTexts,
                PairRetention.DEFAULT);
    }

    private static String line(String name, String role) {
        return name + " " + Sha256.hex(("key-" + name).getBytes(StandardCharsets.UTF_8)) + " " + role;
    }

    @Test
    void aTenantSeesItsOwnPairsAndTextsOnlyIfTheyAreKept() throws Exception {
        for (boolean keepsTexts : new boolean[] {false, true}) {
            Path own = Files.createDirectory(folder.resolve("texts-" + keepsTexts));
            try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                    Gateway gateway = Gateway.start(Plans.between(baseline, baseline.url())
                            .stage(RolloutState.SHADOW, 1)
                            .manual()
                            .access(access(keepsTexts))
                            .in(own))) {
                GatewayClient ann = new GatewayClient(gateway.port(), "key-ann");
                GatewayClient olga = ann.with("key-olga");
                ann.chat("a", false);
                ann.with("key-bob").chat("b", false);
                assertThat(GatewayClient.comes(() -> pairs(olga).size() == 2)).isTrue();
                assertThat(pairs(ann).size()).isEqualTo(1);
                assertThat(pairs(ann).path(0).path("tenant").stringValue()).isEqualTo("ann");
                assertThat(pairs(ann).path(0).path("baseline").stringValue()).isEqualTo(keepsTexts ? "Hello" : "");
                assertThat(ann.post("/rollout/erase", "{\"subject\":\"ann\"}").statusCode())
                        .isEqualTo(403);
                HttpResponse<String> erased = olga.post("/rollout/erase", "{\"subject\":\"ann\"}");
                assertThat(erased.body()).contains("\"erased\":1");
                assertThat(pairs(ann).size()).isZero();
            }
        }
    }

    private static JsonNode pairs(GatewayClient client) {
        try {
            return client.json("/rollout/pairs").path("data");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void verdictsOfUsersAreEvidence() throws Exception {
        List<RolloutGate> gates = List.of(new RolloutGate("users", new FeedbackCheck(), 0.2, true, true));
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("good");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("bad");
                Gateway gateway = Gateway.start(Plans.between(baseline, candidate.url())
                        .stage(RolloutState.CANARY, 0.5)
                        .gates(gates)
                        .in(folder))) {
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(client.post("/v1/feedback", "{\"response_id\":\"none\",\"score\":1}")
                            .statusCode())
                    .isEqualTo(404);
            for (int conversation = 0; conversation < 200 && !gateway.state().equals("aborted"); conversation++) {
                String answer =
                        client.chat("c" + conversation, conversation % 2 == 0).body();
                int score = answer.contains("good") ? 1 : 0;
                String id = answer.replaceAll("(?s).*?\"id\":\"([^\"]+)\".*", "$1");
                assertThat(client.post("/v1/feedback", "{\"response_id\":\"" + id + "\",\"score\":" + score + "}")
                                .statusCode())
                        .isEqualTo(200);
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .isTrue();
        }
    }

    @Test
    void itsOwnModelIsListed() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                Gateway gateway = Gateway.start(Plans.between(baseline, baseline.url())
                        .stage(RolloutState.SHADOW, 1)
                        .in(folder))) {
            JsonNode models =
                    Json.read(GatewayClient.of(gateway).get("/v1/models").body().getBytes(StandardCharsets.UTF_8));
            assertThat(models.path("data").path(0).path("id").stringValue()).isEqualTo("assistant");
        }
    }
}
