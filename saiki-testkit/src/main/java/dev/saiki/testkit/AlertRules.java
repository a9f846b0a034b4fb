package dev.saiki.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Prometheus alert rules, which promtool evaluates on metrics from before and during a fault.
///
/// @param file the rules
/// @param folder the folder for promtool's files
public record AlertRules(Path file, Path folder) {

    private static final Pattern RULE = Pattern.compile("- alert: (\\w+)");

    /// The minutes before the fault, enough for every rule to settle.
    private static final int BEFORE = 10;

    /// The minutes during the fault, enough for every rule to settle.
    private static final int AFTER = 20;

    /// Returns the names of all alerts.
    ///
    /// @return the names, in alphabetical order
    /// @throws IOException if the file cannot be read
    public Set<String> names() throws IOException {
        return RULE.matcher(Files.readString(file))
                .results()
                .map(rule -> rule.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Parses the content of `/metrics`.
    ///
    /// @param scrape metrics in Prometheus's text format
    /// @return the values of all series, by their names with labels
    public static Map<String, Double> series(String scrape) {
        Map<String, Double> series = new TreeMap<>();
        scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> series.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return series;
    }

    /// Fails if promtool reports an error in the rules.
    ///
    /// @throws IOException if promtool cannot be started
    /// @throws InterruptedException if the thread is interrupted while promtool runs
    public void check() throws IOException, InterruptedException {
        promtool("", "check", "rules", "--lint-fatal", file.toString());
    }

    /// Fails if promtool reports an error in metrics.
    ///
    /// @param scrape metrics in Prometheus's text format
    /// @throws IOException if promtool cannot be started
    /// @throws InterruptedException if the thread is interrupted while promtool runs
    public void checkMetrics(String scrape) throws IOException, InterruptedException {
        promtool(scrape, "check", "metrics");
    }

    /// Fails unless exactly these alerts fire with the fault, and none fires before it.
    ///
    /// @param before the content of `/metrics` before the fault
    /// @param after the content of `/metrics` with the fault
    /// @param alerts the names of the alerts
    /// @throws IOException if promtool cannot be started
    /// @throws InterruptedException if the thread is interrupted while promtool runs
    public void requireFiring(String before, String after, List<String> alerts)
            throws IOException, InterruptedException {
        StringBuilder test = new StringBuilder("rule_files:\n  - '" + file + "'\nevaluation_interval: 1m\ntests:\n")
                .append("  - interval: 1m\n    input_series:\n");
        Map<String, Double> old = series(before);
        Set<String> rising = rising(after);
        series(after).forEach((series, value) -> {
            double was = old.getOrDefault(series, rising.contains(nameOf(series)) ? 0 : value);
            double step = rising.contains(nameOf(series)) ? value - was : 0;
            test.append("      - series: '").append(series.replace("'", "''")).append("'\n        values: '");
            test.append(values(was, 0, BEFORE))
                    .append(' ')
                    .append(values(value, step, AFTER))
                    .append("'\n");
        });
        test.append("    promql_expr_test:\n");
        expect(test, BEFORE - 1, List.of());
        expect(test, BEFORE + AFTER - 2, alerts);
        Path tests = folder.resolve("test.yaml");
        Files.writeString(tests, test);
        promtool("", "test", "rules", tests.toString());
    }

    private static void expect(StringBuilder test, int minute, List<String> alerts) {
        test.append("      - expr: 'group by (alertname) (ALERTS{alertstate=\"firing\"})'\n        eval_time: ")
                .append(minute)
                .append("m\n        exp_samples:\n");
        for (String alert : alerts) {
            test.append("          - labels: '{alertname=\"").append(alert).append("\"}'\n            value: 1\n");
        }
        if (alerts.isEmpty()) {
            test.append("          []\n");
        }
    }

    private static String nameOf(String series) {
        return series.split("[{]", 2)[0];
    }

    /// A series in promtool's notation, which has no short form for NaN.
    private static String values(double first, double step, int following) {
        return Double.isNaN(first)
                ? "NaN" + " NaN".repeat(following)
                : number(first) + "+" + number(step) + "x" + following;
    }

    private static String number(double value) {
        return new BigDecimal(value).toPlainString();
    }

    /// Names of the monotonic series.
    private static Set<String> rising(String scrape) {
        Set<String> names = new HashSet<>();
        scrape.lines().filter(line -> line.startsWith("# TYPE ")).forEach(line -> {
            String[] words = line.split(" ", 4);
            switch (words[3]) {
                case "counter" -> names.add(words[2]);
                case "histogram" -> List.of("_bucket", "_count", "_sum").forEach(end -> names.add(words[2] + end));
                default -> {}
            }
        });
        return names;
    }

    private void promtool(String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Program.PROMTOOL.path()));
        command.addAll(List.of(arguments));
        Path given = Files.writeString(folder.resolve("input"), input);
        TestProcess.Ended ended = TestProcess.run(
                Duration.ofMinutes(2),
                command,
                builder -> builder.redirectErrorStream(true).redirectInput(given.toFile()));
        assertThat(ended.exitCode()).as(ended.output()).isZero();
    }
}
