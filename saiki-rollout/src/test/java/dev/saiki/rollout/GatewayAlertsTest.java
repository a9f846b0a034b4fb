package dev.saiki.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.testkit.AlertRules;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each shipped alert of the gateway fires on its fault, and not without it: the tests cause faults around a
/// gateway, and Prometheus's promtool evaluates the rules on the content of `/metrics` before and after.
@Tag("prometheus")
@Needs(Program.PROMTOOL)
class GatewayAlertsTest {

    private static final Path FILE =
            Path.of("..", "monitoring", "gateway-alerts.yaml").toAbsolutePath().normalize();
    private static final Pattern SERIES = Pattern.compile("\\bsaiki_gateway_[a-z_]+");

    /// Series that exist only after their first event.
    private static final Set<String> LATER = Set.of("saiki_gateway_fallbacks_total", "saiki_gateway_requests_total");

    private static final String DRIFTS =
            "{\"state\":\"closed\",\"window\":{\"tokens\":9,\"shares\":[0.9,0.1],\"expected\":[0.5,0.5],\"drift\":0.4}}";

    @TempDir
    private Path folder;

    private ScriptedEndpoint baseline = ScriptedEndpoint.saying("Hello");
    private ScriptedEndpoint candidate = baseline;

    @BeforeEach
    void begin() {
        candidate = ScriptedEndpoint.saying("Hello");
    }

    @AfterEach
    void end() {
        candidate.close();
        baseline.close();
    }

    @Test
    void promtoolHasNothingToSayAboutTheRules() throws IOException, InterruptedException {
        rules().check();
        assertThat(rules().names())
                .as("those that have a fault in this class")
                .isEqualTo(new TreeSet<>(List.of(
                        "SaikiGatewayCandidateFails",
                        "SaikiGatewayDatabaseDown",
                        "SaikiGatewayDialAway",
                        "SaikiGatewayEventsLost",
                        "SaikiGatewayRetiredWorse",
                        "SaikiGatewayRetreated",
                        "SaikiGatewayRouterAlarm")));
    }

    @Test
    void everySeriesInTheRulesIsExposedFromTheStart() throws IOException, InterruptedException {
        Set<String> named = SERIES.matcher(Files.readString(FILE))
                .results()
                .map(series -> series.group())
                .collect(Collectors.toCollection(TreeSet::new));
        named.removeAll(LATER);
        assertThat(named).hasSizeGreaterThan(3);
        try (Gateway gateway = Gateway.start(plan(folder))) {
            Map<String, Double> series = AlertRules.series(scrape(gateway));
            assertThat(series.keySet().stream().map(name -> name.split("[{]", 2)[0]))
                    .containsAll(named);
        }
    }

    @Test
    void nothingFiresWhileAllIsWell() throws Exception {
        try (Gateway gateway = Gateway.start(plan(folder))) {
            String before = scrape(gateway);
            GatewayClient.of(gateway).sides();
            String after = scrape(gateway);
            rules().requireFiring(before, after, List.of());
            rules().checkMetrics(after);
        }
    }

    @Test
    void aRetreatFires() throws Exception {
        try (Gateway gateway = Gateway.start(plan(folder))) {
            String before = scrape(gateway);
            GatewayClient.of(gateway).post("/rollout/abort", "{\"reason\":\"a test\"}");
            rules().requireFiring(before, scrape(gateway), List.of("SaikiGatewayRetreated"));
        }
    }

    @Test
    void aDatabaseThatIsGoneFires() throws Exception {
        PostgresServer server = PostgresServer.start(folder.resolve("postgres"), 0);
        try (Gateway gateway =
                Gateway.start(stage(Plans.between(baseline, candidate.url())).over(server.freshDatabase()))) {
            String before = scrape(gateway);
            server.close();
            GatewayClient client = GatewayClient.of(gateway);
            assertThat(GatewayClient.comes(() -> client.side("a").equals("baseline")))
                    .isTrue();
            rules().requireFiring(before, scrape(gateway), List.of("SaikiGatewayDatabaseDown"));
        } finally {
            server.close();
        }
    }

    /// So many events as are lost do not come together here; a number stands for them.
    @Test
    void eventsThatAreLostFire() throws Exception {
        try (Gateway gateway = Gateway.start(plan(folder))) {
            String before = scrape(gateway);
            String after = before.replace("saiki_gateway_events_lost_total 0.0", "saiki_gateway_events_lost_total 9.0");
            assertThat(after).isNotEqualTo(before);
            rules().requireFiring(before, after, List.of("SaikiGatewayEventsLost"));
        }
    }

    @Test
    void aRouterThatDriftsFiresAndSoDoesADialThatIsAway() throws Exception {
        try (ScriptedEndpoint drifting = ScriptedEndpoint.start((exchange, body) -> {
                    if (exchange.path().equals("/router")) {
                        exchange.send(200, "application/json", DRIFTS.getBytes(StandardCharsets.UTF_8));
                    } else {
                        ScriptedEndpoint.say(exchange, body, "Hello");
                    }
                });
                Gateway calm = Gateway.start(plan(Files.createDirectory(folder.resolve("calm"))));
                Gateway gateway = Gateway.start(stage(Plans.between(baseline, drifting.url()))
                        .router(RouterAlarmsTest.OFTEN)
                        .in(folder))) {
            String before = scrape(calm);
            assertThat(GatewayClient.comes(() -> scrapeShows(gateway, "saiki_gateway_dial_away 1.0")))
                    .isTrue();
            rules().requireFiring(before, scrape(gateway), List.of("SaikiGatewayDialAway", "SaikiGatewayRouterAlarm"));
        }
    }

    @Test
    void aCandidateThatFailsFires() throws Exception {
        try (ScriptedEndpoint failing = ScriptedEndpoint.failing(500);
                Gateway gateway = Gateway.start(
                        stage(Plans.between(baseline, failing.url())).in(folder))) {
            String before = scrape(gateway);
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 100; conversation++) {
                assertThat(client.side("c" + conversation)).isEqualTo("baseline");
            }
            assertThat(GatewayClient.comes(() -> gateway.state().equals("aborted")))
                    .isTrue();
            rules().requireFiring(
                            before, scrape(gateway), List.of("SaikiGatewayCandidateFails", "SaikiGatewayRetreated"));
        }
    }

    @Test
    void aCandidateThatFailsAfterTheBaselineHasRetiredFires() throws Exception {
        try (ScriptedEndpoint failing = ScriptedEndpoint.failing(500);
                Gateway calm = Gateway.start(plan(Files.createDirectory(folder.resolve("calm"))));
                Gateway gateway = Gateway.start(Plans.between(baseline, failing.url())
                        .stage(RolloutState.RETIRED, 1)
                        .in(folder))) {
            String before = scrape(calm);
            GatewayClient client = GatewayClient.of(gateway);
            for (int conversation = 0; conversation < 120; conversation++) {
                client.chat("c" + conversation, false);
            }
            assertThat(GatewayClient.comes(() -> scrapeShows(gateway, "saiki_gateway_retired_worse 1.0")))
                    .isTrue();
            rules().requireFiring(before, scrape(gateway), List.of("SaikiGatewayRetiredWorse"));
        }
    }

    private static boolean scrapeShows(Gateway gateway, String line) {
        try {
            return scrape(gateway).contains(line);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String scrape(Gateway gateway) throws IOException, InterruptedException {
        return GatewayClient.of(gateway).get("/metrics").body();
    }

    private AlertRules rules() {
        return new AlertRules(FILE, folder);
    }

    private GatewayPlan plan(Path place) {
        return stage(Plans.between(baseline, candidate.url())).in(place);
    }

    private static Plans stage(Plans plans) {
        return plans.stage(RolloutState.FULL, 1).manual();
    }
}
