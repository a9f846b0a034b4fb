package dev.saiki.evidence;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The expected number of conversations until a gate decides, from simulated rollouts.
///
/// @param median the number within which half of the rollouts decide; empty if more than 20,000
/// @param ninety the number within which nine of ten rollouts decide; empty if more than 20,000
public record ExpectedLength(OptionalInt median, OptionalInt ninety) {

    private static final int RUNS = 100;
    private static final long SEED = 20_270_101;

    /// The maximum number of conversations in a simulated rollout.
    public static final int MAX_CONVERSATIONS = 20_000;

    /// Expects the clearance of a candidate that is as good as the baseline.
    ///
    /// @param measure what the gate measures
    /// @param error β of the test
    /// @param differing the share of the conversations in which one of the two answers better, from 0 to 1
    /// @return the number of conversations from the beginning of a stage
    public static ExpectedLength untilCleared(GateMeasure measure, double error, double differing) {
        if (!(differing >= 0 && differing <= 1)) {
            throw new IllegalArgumentException(
                    "the share of differing conversations must be from 0 to 1, got " + differing);
        }
        return of(measure, error, random -> equal(measure, random, differing), GateTest::isCleared);
    }

    /// Expects the retreat from a candidate that becomes worse than tolerated, however long it was good before.
    ///
    /// @param measure what the gate measures
    /// @param rule the rule of the retreat
    /// @param faulty the share of the conversations in which the candidate fails and the baseline does not, above 0
    /// @return the number of conversations from the change on; empty numbers if the share is tolerated
    public static ExpectedLength untilRetreat(GateMeasure measure, RetreatRule rule, double faulty) {
        if (!(faulty > 0 && faulty <= 1)) {
            throw new IllegalArgumentException("the faulty share must be above 0 and at most 1, got " + faulty);
        }
        return of(
                measure,
                0.5,
                random -> random.nextDouble() < faulty
                        ? new GateTest.Sides(equal(measure, random, 0).baseline(), worst(measure))
                        : equal(measure, random, 0),
                test -> test.changeEvidence() >= rule.threshold());
    }

    /// Values of equally good sides. Losses: one side's is 1 in a given share of the conversations. Latencies: 0 for a
    /// fixed limit, and equal for a limit relative to the baseline, since only their order matters.
    private static GateTest.Sides equal(GateMeasure measure, Random random, double differing) {
        double draw = random.nextDouble();
        return switch (measure) {
            case GateMeasure.Difference _ ->
                GateTest.Sides.ofDifference(draw < differing / 2 ? 1 : draw < differing ? -1 : 0);
            case GateMeasure.RelativeLatency _ -> new GateTest.Sides(draw, draw);
            case GateMeasure.Rate _, GateMeasure.Latency _, GateMeasure.Exceedance _ -> new GateTest.Sides(0, 0);
        };
    }

    private static double worst(GateMeasure measure) {
        return switch (measure) {
            case GateMeasure.Difference _, GateMeasure.Rate _ -> 1;
            case GateMeasure.Latency _, GateMeasure.RelativeLatency _, GateMeasure.Exceedance _ ->
                Double.POSITIVE_INFINITY;
        };
    }

    private static ExpectedLength of(
            GateMeasure measure,
            double error,
            Function<Random, GateTest.Sides> conversation,
            Predicate<GateTest> isDecided) {
        Random random = new Random(SEED);
        int[] lengths = new int[RUNS];
        int undecided = 0;
        for (int run = 0; run < RUNS; run++) {
            // Once more than half of the rollouts are too long, further ones change neither number.
            lengths[run] = undecided > RUNS / 2
                    ? Integer.MAX_VALUE
                    : conversations(GateTest.begin(measure, error), () -> conversation.apply(random), isDecided);
            undecided += lengths[run] == Integer.MAX_VALUE ? 1 : 0;
        }
        Arrays.sort(lengths);
        return new ExpectedLength(known(lengths[RUNS / 2]), known(lengths[RUNS * 9 / 10]));
    }

    private static int conversations(
            GateTest test, Supplier<GateTest.Sides> conversation, Predicate<GateTest> isDecided) {
        for (int i = 1; i <= MAX_CONVERSATIONS; i++) {
            test.observe(conversation.get());
            if (isDecided.test(test)) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }

    private static OptionalInt known(int length) {
        return length == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(length);
    }
}
