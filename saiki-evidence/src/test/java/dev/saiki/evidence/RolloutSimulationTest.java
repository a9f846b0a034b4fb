package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.evidence.GateTest.Sides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/// Simulated rollouts in which the truth is known and every conversation is followed by a look. The short form has
/// 200 rollouts a case, the slow one 10,000, and a table in target/rollout-simulation.txt:
/// `./build verify -Pslow -pl saiki-evidence -am -Dtest=RolloutSimulationTest
/// -Dsurefire.failIfNoSpecifiedTests=false`.
class RolloutSimulationTest {

    private static final long SEED = 20261127;
    private static final double ERROR = 0.05;
    private static final int CONVERSATIONS = 1_000;

    /// A case: what a gate measures, and the conversations of a rollout.
    ///
    /// @param name the name in the table
    /// @param measure what the gate measures
    /// @param sides draws the next conversation, by its index
    private record Case(String name, GateMeasure measure, Draw sides) {}

    /// A source of conversations.
    private interface Draw {
        Sides next(int place, Random random);
    }

    private static double latency(Random random, double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    private static Case difference(
            String name, double tolerance, double differing, IntFunction<Double> mean, int alike) {
        return new Case(name + ", tolerance " + tolerance, new GateMeasure.Difference(tolerance), new Draw() {
            private double last;

            @Override
            public Sides next(int place, Random random) {
                if (place % alike == 0) {
                    double draw = random.nextDouble();
                    double m = mean.apply(place);
                    last = draw < (differing + m) / 2 ? 1 : draw < differing ? -1 : 0;
                }
                return Sides.ofDifference(last);
            }
        });
    }

    private static Draw sides(double baseline, double candidate) {
        return (_, random) ->
                new Sides(random.nextDouble() < baseline ? 1 : 0, random.nextDouble() < candidate ? 1 : 0);
    }

    private static Draw latencies(double baseline, double candidate) {
        return (_, random) -> new Sides(latency(random, baseline), latency(random, candidate));
    }

    /// A retreat must be rare whenever the mean is tolerated at every place.
    private static List<Case> tolerated() {
        return Stream.of(0.0, 0.1)
                .flatMap(tolerance -> Stream.of(
                        difference("equal, never differing", tolerance, 0, _ -> 0.0, 1),
                        difference("equal, one in ten differs", tolerance, 0.1, _ -> 0.0, 1),
                        difference("equal, all differ", tolerance, 1, _ -> 0.0, 1),
                        difference("as bad as tolerated", tolerance, 0.4, _ -> tolerance, 1),
                        difference(
                                "better, then as bad as tolerated", tolerance, 0.4, i -> i < 200 ? -0.2 : tolerance, 1),
                        difference(
                                "to and fro up to the tolerance",
                                tolerance,
                                0.4,
                                i -> tolerance * Math.min(0, Math.sin(i / 30.0)) + tolerance,
                                1)))
                .toList();
    }

    private static List<Case> toleratedFigures() {
        return List.of(
                new Case("rate at its limit", new GateMeasure.Rate(0.1), sides(0.1, 0.1)),
                new Case("latency at its limit", new GateMeasure.Latency(0.9, 1), latencies(1, 1 / Math.log(10))),
                new Case(
                        "latency as much longer as allowed", new GateMeasure.RelativeLatency(0.9, 2), latencies(1, 2)));
    }

    /// A clearance must be rare whenever the mean is not tolerated at any place.
    private static List<Case> intolerable() {
        return Stream.concat(
                        Stream.of(0.0, 0.1)
                                .flatMap(tolerance -> Stream.of(
                                        difference("as bad as tolerated", tolerance, 0.4, _ -> tolerance, 1),
                                        difference("a little worse", tolerance, 0.4, _ -> tolerance + 0.02, 1),
                                        difference("ever worse", tolerance, 0.5, i -> tolerance + i * 2e-4, 1))),
                        toleratedFigures().stream())
                .toList();
    }

    private static double retreats(Case one, int rollouts) {
        double threshold = new RetreatRule(ERROR, CONVERSATIONS, 1).threshold();
        return share(one, rollouts, test -> test.changeEvidence() >= threshold);
    }

    private static double clearances(Case one, int rollouts) {
        return share(one, rollouts, GateTest::isCleared);
    }

    private static double share(Case one, int rollouts, Predicate<GateTest> isDecided) {
        Random random = new Random(SEED);
        int decided = 0;
        for (int rollout = 0; rollout < rollouts; rollout++) {
            GateTest test = GateTest.begin(one.measure(), ERROR);
            boolean isFound = false;
            for (int i = 0; i < CONVERSATIONS && !isFound; i++) {
                test.observe(one.sides().next(i, random));
                isFound = isDecided.test(test);
            }
            decided += isFound ? 1 : 0;
        }
        return (double) decided / rollouts;
    }

    private static String errors(int rollouts) {
        double most = ERROR + 3 * Math.sqrt(ERROR * (1 - ERROR) / rollouts);
        StringBuilder table = new StringBuilder();
        for (Case one :
                Stream.concat(tolerated().stream(), toleratedFigures().stream()).toList()) {
            double share = retreats(one, rollouts);
            table.append(row("false retreats, " + one.name(), share));
            assertThat(share).as(one.name()).isLessThanOrEqualTo(most);
        }
        for (Case one : intolerable()) {
            double share = clearances(one, rollouts);
            table.append(row("false clearances, " + one.name(), share));
            assertThat(share).as(one.name()).isLessThanOrEqualTo(most);
        }
        return table.toString();
    }

    private static String row(String what, double share) {
        return String.format(Locale.ROOT, "%-80s %.4f of %.2f%n", what, share, ERROR);
    }

    /// If what belongs together counts as independent, good candidates are sent back too often.
    private static String copiesAreNotConversations(int rollouts) {
        double share = retreats(difference("twenty copies of each", 0, 0.4, _ -> 0.0, 20), rollouts);
        assertThat(share).isGreaterThan(0.1);
        return row("false retreats if twenty copies of a conversation were twenty", share);
    }

    private static void assertPower(int rollouts) {
        assertThat(retreats(new Case("", new GateMeasure.Rate(0.1), sides(0, 0.3)), rollouts))
                .isGreaterThan(0.95);
        assertThat(clearances(new Case("", new GateMeasure.Rate(0.1), sides(0, 0.02)), rollouts))
                .isGreaterThan(0.95);
        assertThat(retreats(new Case("", new GateMeasure.Latency(0.9, 1), latencies(1, 1)), rollouts))
                .isGreaterThan(0.95);
        assertThat(clearances(new Case("", new GateMeasure.Latency(0.9, 1), latencies(1, 0.2)), rollouts))
                .isGreaterThan(0.95);
        assertThat(retreats(new Case("", new GateMeasure.RelativeLatency(0.9, 2), latencies(1, 5)), rollouts))
                .isGreaterThan(0.95);
        assertThat(clearances(new Case("", new GateMeasure.RelativeLatency(0.9, 2), latencies(1, 1)), rollouts))
                .isGreaterThan(0.95);
    }

    @Test
    void errorsStayWithinTheirBoundsUnderAnyLooking() {
        assertThat(errors(200)).isNotEmpty();
        assertThat(copiesAreNotConversations(200)).isNotEmpty();
        assertPower(50);
    }

    @Test
    @Tag("slow")
    void tenThousandRollouts(TestReporter reporter) throws IOException {
        int rollouts = 10_000;
        String table = errors(rollouts) + copiesAreNotConversations(rollouts);
        Files.writeString(Path.of("target", "rollout-simulation.txt"), table);
        reporter.publishEntry(table);
    }
}
