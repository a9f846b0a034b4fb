package dev.saiki.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.PrometheusCheck;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.check.WebhookCheck;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperationReaderTest {

    private static final String SMALL = """
            model: assistant
            database: gateway.db
            baseline: {url: "http://localhost:1/v1", model: old}
            candidate: {url: "http://localhost:2/v1", model: new}
            stages: [{state: shadow, share: 1}]
            gates:
              - {check: errors, tolerance: 0.02}
            """;
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PROMETHEUS_KEY", "p", "HOOK", "https://hooks.example/T0/secret", "EMPTY", "no address");

    @TempDir
    private Path folder;

    private GatewayPlan plan(String more) throws IOException {
        return GatewayPlanReader.read(Files.writeString(folder.resolve("plan.yaml"), SMALL + more), ENVIRONMENT);
    }

    private String mistakes(String more) {
        return String.valueOf(
                catchThrowableOfType(InputException.class, () -> plan(more)).getMessage());
    }

    @Test
    void gatesByLevelsAreReadFromAmongTheGates() throws IOException {
        GatewayPlan plan = plan("""
                  - {name: p95, check: prometheus, url: "http://p:9090", key: {environment: PROMETHEUS_KEY},
                     query: "up == 1", at_most: 0.4, every: 30s, timeout: 5s, failures: 5}
                  - {check: webhook, url: "https://h.example/judge", retreats: false}
                """);
        assertThat(plan.gates()).extracting(RolloutGate::name).containsExactly("errors", "departures");
        RemoteService prometheus =
                new RemoteService(URI.create("http://p:9090"), Optional.of("p"), Duration.ofSeconds(5));
        RemoteService hook =
                new RemoteService(URI.create("https://h.example/judge"), Optional.empty(), Duration.ofSeconds(10));
        assertThat(plan.operations().levels())
                .containsExactly(
                        new LevelGate(
                                "p95",
                                new PrometheusCheck(prometheus, "up == 1", Double.NEGATIVE_INFINITY, 0.4),
                                Duration.ofSeconds(30),
                                5,
                                true,
                                true),
                        new LevelGate("webhook", new WebhookCheck(hook), Duration.ofMinutes(1), 3, false, true));
    }

    @Test
    void anotherLimitBeginsTheEvidenceAnewButAnotherKeyDoesNot() throws IOException {
        String gate = "  - {check: prometheus, url: 'http://p:9090', query: up, at_most: %s, key: {environment: %s}}\n";
        GatewayPlan before = plan(gate.formatted("0.4", "PROMETHEUS_KEY"));
        assertThat(plan(gate.formatted("0.4", "HOOK")).changesSince(before.fingerprints()))
                .isEmpty();
        assertThat(plan(gate.formatted("0.5", "HOOK")).changesSince(before.fingerprints()))
                .containsExactly(GatewayPlan.RULES);
    }

    @Test
    void hoursAndNotificationsAreRead() throws IOException {
        OperationSettings operations = plan("""
                hours: {zone: Asia/Tokyo, promote: "Mon-Fri 09:00-17:00, Sat 22:00-02:00"}
                notifications:
                  - {url: {environment: HOOK}, timeout: 3s}
                """).operations();
        assertThat(operations.hours()).map(PromotionHours::zone).contains(ZoneId.of("Asia/Tokyo"));
        assertThat(operations.hours()).hasToString("Optional[Mon-Fri 09:00-17:00, Sat 22:00-02:00 Asia/Tokyo]");
        assertThat(operations.notifications())
                .containsExactly(new RemoteService(
                        URI.create("https://hooks.example/T0/secret"), Optional.empty(), Duration.ofSeconds(3)));
        assertThat(operations.toString()).doesNotContain("secret");
    }

    @Test
    void mistakesAreNamed() {
        assertThat(mistakes("  - {check: prometheus, url: 'http://p:9090', query: up}\n"))
                .contains("gates[1].at_most or gates[1].at_least must be the largest or smallest value that passes");
        assertThat(mistakes("  - {check: prometheus, url: 'http://p:9090', at_most: 1}\n"))
                .contains("gates[1].query must be an expression in PromQL with one value, got nothing");
        assertThat(mistakes("  - {check: prometheus, url: 'http://p:9090', query: up, at_least: 2, at_most: 1}\n"))
                .contains("at_most must be at least at_least, 2.0, got 1.0");
        assertThat(mistakes("  - {check: webhook, url: 'http://h/', failures: 0}\n"))
                .contains("failures must be at least 1, or retreats: false, got 0");
        assertThat(mistakes("  - {check: webhook, url: 'http://h/', tolerance: 0.1}\n"))
                .contains("unknown key gates[1].tolerance");
        assertThat(mistakes("  - {check: webhook, name: errors, url: 'http://h/'}\n"))
                .contains("two gates have the name errors");
        assertThat(mistakes("  - {check: prometeus}\n")).contains("prometheus");
        assertThat(mistakes("hours: {zone: Tokyo, promote: 'Mon 09:00-17:00'}\n"))
                .contains("hours.zone must be a time zone such as Asia/Tokyo, got Tokyo");
        assertThat(mistakes("hours: {zone: UTC}\n")).contains("hours.promote must be days and hours such as");
        assertThat(mistakes("notifications: [{url: {environment: EMPTY}}]\n"))
                .contains("notifications[0].url must lead to an address such as")
                .doesNotContain("no address");
    }
}
