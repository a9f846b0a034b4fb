package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.rollout.plan.DatabaseLocation;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two gateways on one PostgreSQL.
class SeveralGatewaysTest {

    private static final String FORCED = "{\"reason\":\"a test\",\"force\":true,\"run\":1}";

    @TempDir
    private Path folder;

    private PostgresServer server;
    private DatabaseLocation database;

    @BeforeEach
    void start() throws Exception {
        server = PostgresServer.start(folder.resolve("postgres"), 0);
        database = server.freshDatabase();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void theyAgreeOnSidesEvidenceAndPromotions() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.SHADOW, 1)
                    .stage(RolloutState.CANARY, 0.5)
                    .stage(RolloutState.CANARY, 0.6)
                    .manual()
                    .over(database);
            try (Gateway one = Gateway.start(plan);
                    Gateway other = Gateway.start(plan)) {
                GatewayClient first = GatewayClient.of(one);
                GatewayClient second = GatewayClient.of(other);
                for (int conversation = 0; conversation < 6; conversation++) {
                    (conversation % 2 == 0 ? first : second).chat("c" + conversation, false);
                }
                assertThat(GatewayClient.comes(() -> first.observed(0) == 6 && second.observed(0) == 6))
                        .isTrue();
                assertThat(promoteAtOnce(first, second)).containsExactlyInAnyOrder(200, 400);
                assertThat(GatewayClient.comes(() ->
                                one.state().equals("canary") && other.state().equals("canary")))
                        .isTrue();
                assertThat(first.json("/rollout").path("stage").asInt(0)).isEqualTo(2);
                assertThat(first.json("/rollout/decisions").path("data").size()).isEqualTo(2);
                List<String> sides = first.sides();
                assertThat(sides).contains("baseline", "candidate");
                assertThat(second.sides()).isEqualTo(sides);
                long asked = System.nanoTime();
                second.post("/rollout/abort", "{\"reason\":\"a test\"}");
                assertThat(GatewayClient.comes(() -> one.state().equals("aborted")))
                        .isTrue();
                assertThat((System.nanoTime() - asked) / 1e9).isLessThan(5);
            }
        }
    }

    /// Both gateways request the promotion while they see the same stage.
    private static List<Integer> promoteAtOnce(GatewayClient first, GatewayClient second) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (ExecutorService people = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (GatewayClient client : List.of(first, second)) {
                Callable<Integer> promotes = () -> {
                    go.await();
                    return client.post("/rollout/promote", FORCED).statusCode();
                };
                answers.add(people.submit(promotes));
            }
            go.countDown();
            return List.of(answers.get(0).get(), answers.get(1).get());
        }
    }

    @Test
    @Tag("slow")
    void aGatewayBeginsWithoutItsDatabaseAndGoesOnWhenThatIsThere() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.FULL, 1)
                    .over(database);
            int port = server.port();
            server.close();
            try (Gateway gateway = Gateway.start(plan)) {
                GatewayClient client = GatewayClient.of(gateway);
                assertThat(client.side("a")).isEqualTo("baseline");
                assertThat(client.json("/health").path("status").stringValue()).isEqualTo("degraded");
                assertThat(client.post("/rollout/erase", "{\"subject\":\"ann\"}")
                                .statusCode())
                        .isEqualTo(503);
                server = PostgresServer.start(folder.resolve("postgres"), port);
                assertThat(GatewayClient.comes(() -> client.side("a").equals("candidate")))
                        .isTrue();
            }
        }
    }

    @Test
    @Tag("slow")
    void aDatabaseThatNobodyMadeIsRefused() {
        DatabaseLocation nowhere = new DatabaseLocation.Postgres(
                "jdbc:postgresql://localhost:" + server.port() + "/nowhere",
                Optional.of("postgres"),
                Optional.of("hunter2"));
        ScriptedEndpoint endpoint = ScriptedEndpoint.saying("Hello");
        try (endpoint) {
            assertThatThrownBy(() -> Gateway.start(Plans.between(endpoint, endpoint.url())
                            .stage(RolloutState.FULL, 1)
                            .over(nowhere)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("nowhere")
                    .hasMessageNotContaining("hunter2");
        }
    }

    @Test
    @Tag("slow")
    void theBaselineAnswersWhileTheDatabaseIsGoneAndAnAbortMeanwhileIsNotLost() throws Exception {
        try (ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
                ScriptedEndpoint candidate = ScriptedEndpoint.saying("Hello")) {
            GatewayPlan plan = Plans.between(baseline, candidate.url())
                    .stage(RolloutState.FULL, 1)
                    .over(database);
            try (Gateway one = Gateway.start(plan);
                    Gateway other = Gateway.start(plan)) {
                GatewayClient first = GatewayClient.of(one);
                GatewayClient second = GatewayClient.of(other);
                assertThat(first.side("a")).isEqualTo("candidate");
                int port = server.port();
                server.close();
                assertThat(GatewayClient.comes(() -> first.side("a").equals("baseline")
                                && second.side("a").equals("baseline")))
                        .isTrue();
                assertThat(first.get("/rollout/decisions").statusCode()).isEqualTo(503);
                assertThat(first.post("/rollout/promote", FORCED).statusCode()).isEqualTo(503);
                assertThat(first.post("/rollout/abort", "{\"reason\":\"a test\"}")
                                .statusCode())
                        .isEqualTo(503);
                server = PostgresServer.start(folder.resolve("postgres"), port);
                assertThat(GatewayClient.comes(() ->
                                one.state().equals("aborted") && other.state().equals("aborted")))
                        .isTrue();
                assertThat(second.json("/health").path("status").stringValue()).isEqualTo("ok");
            }
        }
    }
}
