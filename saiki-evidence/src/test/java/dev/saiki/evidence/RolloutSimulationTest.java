package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/// Simulated rollouts in which the truth is known and every conversation is followed by a look. The short
/// form has 500 rollouts a case, the slow one 10,000, and a table in target/rollout-simulation.txt:
/// `./build verify -Pslow -pl saiki-evidence -am -Dtest=RolloutSimulationTest
/// -Dsurefire.failIfNoSpecifiedTests=false`.
class RolloutSimulationTest {

    private static final long SEED = 20261127;
    private static final double ALPHA = 0.05;
    private static final double BETA = 0.05;
    private static final int CONVERSATIONS = 1_000;

    /// A stream of conversations.
    ///
    /// @param name the name in the table
    /// @param mean the mean difference of a conversation, by its index
    /// @param differing the share of pairs whose answers differ
    /// @param pairs the number of pairs in a conversation
    /// @param alike whether all pairs of a conversation have the same difference
    private record Stream(String name, IntToDoubleFunction mean, double differing, int pairs, boolean alike) {

        /// The mean difference of the conversation's pairs.
        double draw(int place, Random random) {
            double mean = mean().applyAsDouble(place);
            double sum = 0;
            double pair = 0;
            for (int i = 0; i < pairs; i++) {
                if (i == 0 || !alike) {
                    double draw = random.nextDouble();
                    pair = draw < (differing + mean) / 2 ? 1 : draw < differing ? -1 : 0;
                }
                sum += pair;
            }
            return sum / pairs;
        }
    }

    /// The outcomes of the rollouts.
    private record Outcomes(int rollouts, int retreats, int promotions, List<Integer> lengths) {

        double retreated() {
            return (double) retreats / rollouts;
        }

        double promoted() {
            return (double) promotions / rollouts;
        }

        int quantile(double share) {
            List<Integer> sorted = lengths.stream().sorted().toList();
            int rank = (int) Math.ceil(share * rollouts) - 1;
            return rank < sorted.size() ? sorted.get(rank) : Integer.MAX_VALUE;
        }
    }

    private static Outcomes simulate(Stream stream, GateSettings settings, int rollouts, int most) {
        Random random = new Random(SEED);
        int retreats = 0;
        int promotions = 0;
        List<Integer> lengths = new ArrayList<>();
        for (int rollout = 0; rollout < rollouts; rollout++) {
            SequentialTest test = SequentialTest.begin(settings);
            for (int i = 0; i < most; i++) {
                test.observe(stream.draw(i, random));
                Decision decision = test.decision();
                if (decision != Decision.CONTINUE) {
                    retreats += decision == Decision.RETREAT ? 1 : 0;
                    promotions += decision == Decision.PROMOTE ? 1 : 0;
                    lengths.add(i + 1);
                    break;
                }
            }
        }
        return new Outcomes(rollouts, retreats, promotions, lengths);
    }

    private static double most(double error, int rollouts) {
        return error + 3 * Math.sqrt(error * (1 - error) / rollouts);
    }

    private static Stream constant(String name, double mean, double differing, int pairs, boolean alike) {
        return new Stream(name, _ -> mean, differing, pairs, alike);
    }

    /// A retreat must be rare whenever the mean is tolerated at every place.
    private static List<Stream> tolerated(double tolerance) {
        return List.of(
                constant("equal, never differing", 0, 0, 1, false),
                constant("equal, one in ten differs", 0, 0.1, 1, false),
                constant("equal, all differ", 0, 1, 1, false),
                constant("as bad as tolerated", tolerance, 0.4, 1, false),
                constant("as bad as tolerated, clusters of 20", tolerance, 0.4, 20, true),
                constant("as bad as tolerated, 20 pairs", tolerance, 0.4, 20, false),
                new Stream("better, then as bad as tolerated", i -> i < 200 ? -0.2 : tolerance, 0.4, 1, false),
                new Stream(
                        "to and fro up to the tolerance",
                        i -> tolerance * Math.min(0, Math.sin(i / 30.0)) + tolerance,
                        0.4,
                        5,
                        true));
    }

    /// A promotion must be rare whenever the mean is not tolerated at any place.
    private static List<Stream> intolerable(double tolerance) {
        return List.of(
                constant("as bad as tolerated", tolerance, 0.4, 1, false),
                constant("as bad as tolerated, clusters of 20", tolerance, 0.4, 20, true),
                constant("a little worse", tolerance + 0.02, 0.4, 1, false),
                new Stream("ever worse", i -> tolerance + i * 2e-4, 0.5, 3, true));
    }

    private static String errors(int rollouts) {
        StringBuilder table = new StringBuilder();
        for (double tolerance : new double[] {0, 0.1}) {
            GateSettings settings = new GateSettings(tolerance, ALPHA, BETA);
            for (Stream stream : tolerated(tolerance)) {
                // These rollouts end only by a retreat, so that a promotion hides no retreat.
                GateSettings retreatOnly = new GateSettings(tolerance, ALPHA, 1e-300);
                double retreated =
                        simulate(stream, retreatOnly, rollouts, CONVERSATIONS).retreated();
                table.append(row("false retreats, tolerance " + tolerance + ", " + stream.name(), retreated, ALPHA));
                assertThat(retreated).as(stream.name()).isLessThanOrEqualTo(most(ALPHA, rollouts));
            }
            for (Stream stream : intolerable(tolerance)) {
                double promoted =
                        simulate(stream, settings, rollouts, CONVERSATIONS).promoted();
                table.append(row("false promotions, tolerance " + tolerance + ", " + stream.name(), promoted, BETA));
                assertThat(promoted).as(stream.name()).isLessThanOrEqualTo(most(BETA, rollouts));
            }
        }
        return table.toString();
    }

    private static String row(String what, double share, double allowed) {
        return String.format(Locale.ROOT, "%-80s %.4f of %.2f%n", what, share, allowed);
    }

    /// If the pairs of a conversation are treated as independent, good candidates are sent back too often.
    private static String pairsAreNotConversations(int rollouts) {
        GateSettings settings = new GateSettings(0, ALPHA, 1e-300);
        Stream cluster = constant("clusters of 20", 0, 0.4, 20, true);
        Random random = new Random(SEED);
        int retreats = 0;
        for (int rollout = 0; rollout < rollouts; rollout++) {
            SequentialTest test = SequentialTest.begin(settings);
            for (int i = 0; i < 50; i++) {
                double difference = cluster.draw(i, random);
                for (int pair = 0; pair < cluster.pairs(); pair++) {
                    test.observe(difference);
                }
            }
            retreats += test.decision() == Decision.RETREAT ? 1 : 0;
        }
        double share = (double) retreats / rollouts;
        assertThat(share).isGreaterThan(0.2);
        return row("false retreats if each pair were a factor (50 conversations of 20)", share, ALPHA);
    }

    /// The number of conversations that a test of fixed size needs for the same error rates, by the normal
    /// approximation.
    private static int fixedSample(double distance, double differing, double mean, double error, double power) {
        double deviation = Math.sqrt(differing - mean * mean);
        double both = normalQuantile(1 - error) + normalQuantile(power);
        return (int) Math.ceil(Math.pow(both * deviation / distance, 2));
    }

    /// By bisection of the error function's series, which is enough for a table.
    private static double normalQuantile(double share) {
        double low = -6;
        double high = 6;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            double below = 0;
            int steps = 2_000;
            for (int step = 0; step < steps; step++) {
                double at = -8 + (middle + 8) * (step + 0.5) / steps;
                below += Math.exp(-at * at / 2) / Math.sqrt(2 * Math.PI) * (middle + 8) / steps;
            }
            if (below < share) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static String power(int rollouts) {
        StringBuilder table = new StringBuilder(String.format(
                Locale.ROOT,
                "%nconversations until a decision, tolerance 0.1, errors 0.05%n%-46s %8s %8s %8s   %s%n",
                "",
                "10 %",
                "median",
                "90 %",
                "fixed sample of power 0.9"));
        GateSettings settings = new GateSettings(0.1, ALPHA, BETA);
        for (double differing : new double[] {0.1, 0.3, 0.6}) {
            for (double mean : new double[] {0, 0.05, 0.2, 0.3}) {
                if (mean >= differing) {
                    continue;
                }
                boolean worse = mean > settings.tolerance();
                Outcomes outcomes = simulate(constant("", mean, differing, 1, false), settings, rollouts, 20_000);
                double right = worse ? outcomes.retreated() : outcomes.promoted();
                assertThat(right).isGreaterThan(0.9);
                table.append(String.format(
                        Locale.ROOT,
                        "%-46s %8d %8d %8d   %d%n",
                        String.format(
                                Locale.ROOT,
                                "%s, d = %.2f, %.0f %% differ",
                                worse ? "retreat" : "promotion",
                                mean,
                                100 * differing),
                        outcomes.quantile(0.1),
                        outcomes.quantile(0.5),
                        outcomes.quantile(0.9),
                        fixedSample(Math.abs(mean - settings.tolerance()), differing, mean, ALPHA, 0.9)));
            }
        }
        return table.toString();
    }

    @Test
    void errorsStayWithinTheirBoundsUnderAnyLooking() {
        assertThat(errors(200)).isNotEmpty();
        assertThat(pairsAreNotConversations(200)).isNotEmpty();
        assertThat(power(20)).isNotEmpty();
    }

    @Test
    @Tag("slow")
    void tenThousandRollouts(TestReporter reporter) throws IOException {
        int rollouts = 10_000;
        String table = errors(rollouts) + pairsAreNotConversations(rollouts) + power(1_000);
        Files.writeString(Path.of("target", "rollout-simulation.txt"), table);
        reporter.publishEntry(table);
    }
}
