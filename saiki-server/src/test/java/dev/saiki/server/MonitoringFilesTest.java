package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.SheddingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The shipped rules and dashboard use only series that the server has.
class MonitoringFilesTest {

    private static final Path MONITORING = Path.of("..", "monitoring");
    private static final Pattern SERIES = Pattern.compile("\\b(saiki|gen_ai_server)_[a-z_]+");

    /// Series that exist only after their first event.
    private static final Set<String> LATER = Set.of("saiki_requests_shed_total");

    @TempDir
    private static Path folder;

    private static String scrape = "";

    @BeforeAll
    static void measure() throws IOException {
        EngineOptions options = EngineOptions.builder()
                .threads(1)
                .breaker(BreakerOptions.DEFAULT)
                .build();
        try (TestServer server = TestServer.in(
                folder,
                options,
                change -> change.shedding(SheddingOptions.DEFAULT)
                        .reload(new ReloadOptions(folder.resolve("model"), true, false)))) {
            server.post("/v1/completions", "{\"prompt\":\"the sea\",\"max_tokens\":5,\"ignore_eos\":true}")
                    .succeeds();
            scrape = server.get("/metrics").raw().body();
        }
    }

    private static Set<String> exposed() {
        return scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> named(String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = SERIES.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    @Test
    void everySeriesInTheRulesIsExposedFromTheStart() throws IOException {
        Set<String> named = named(Files.readString(MONITORING.resolve("alerts.yaml")));
        assertThat(named).hasSizeGreaterThan(8);
        assertThat(exposed()).containsAll(named);
    }

    @Test
    void everySeriesOnTheDashboardIsExposed() throws IOException {
        Set<String> named = named(Files.readString(MONITORING.resolve("grafana-dashboard.json")));
        named.removeAll(LATER);
        assertThat(named).hasSizeGreaterThan(25);
        assertThat(exposed()).containsAll(named);
    }

    @Test
    void everySeriesSaysWhatItMeans() {
        Set<String> explained = scrape.lines()
                .filter(line -> line.startsWith("# HELP "))
                .map(line -> line.split(" ", 4)[2])
                .collect(Collectors.toSet());
        Set<String> typed = scrape.lines()
                .filter(line -> line.startsWith("# TYPE "))
                .map(line -> line.split(" ", 4)[2])
                .collect(Collectors.toSet());
        assertThat(explained).isEqualTo(typed).hasSizeGreaterThan(30);
    }

    @Test
    void aModelHasFewSeries() {
        long lines = scrape.lines()
                .filter(line -> line.startsWith("saiki_") && !line.startsWith("#"))
                .count();
        assertThat(lines).isBetween(50L, 100L);
    }

    @Test
    void thePanelsOfTheDashboardAskForSomethingAndNoTwoLieOnEachOther() throws IOException {
        JsonNode dashboard = TestServer.parse(Files.readString(MONITORING.resolve("grafana-dashboard.json")));
        Set<String> places = new TreeSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            JsonNode place = panel.get("gridPos");
            assertThat(places.add(
                            place.get("x").intValue() + "," + place.get("y").intValue()))
                    .as(panel.get("title").stringValue())
                    .isTrue();
            if (!panel.get("type").stringValue().equals("row")) {
                assertThat(panel.get("targets"))
                        .isNotEmpty()
                        .allSatisfy(target ->
                                assertThat(target.get("expr").stringValue()).isNotBlank());
            }
        }
    }
}
