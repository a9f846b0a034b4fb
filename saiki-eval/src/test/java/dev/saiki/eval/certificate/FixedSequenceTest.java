package dev.saiki.eval.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class FixedSequenceTest {

    private static final long SEED = 20261127;
    private static final double LIMIT = 0.02;
    private static final RiskTest TEST = new RiskTest(LIMIT, 0.95);

    /// At confidence 0.95, 50 of 1,000 certificates may be wrong; 66 is one in a hundred by chance.
    private static final int CERTIFICATES = 1_000;

    private static final int MOST_VIOLATIONS = 66;

    private static EffortLosses losses(double effort, double[] flipped) {
        return new EffortLosses(effort, effort, new double[flipped.length], flipped);
    }

    private static double[] draw(double[] pool, Random random, int count) {
        double[] drawn = new double[count];
        Arrays.setAll(drawn, i -> pool[random.nextInt(pool.length)]);
        return drawn;
    }

    /// Certifies repeatedly on draws from a pool, so that the risks are known.
    private static int violations(double[] safe, double[] justAbove, int tested) {
        Random random = new Random(SEED);
        int violations = 0;
        for (int i = 0; i < CERTIFICATES; i++) {
            List<Double> order = FixedSequence.order(List.of(
                    losses(1, new double[80]),
                    losses(0.5, draw(safe, random, 80)),
                    losses(0.25, draw(justAbove, random, 80))));
            ToDoubleFunction<double[]> mean =
                    pool -> Arrays.stream(pool).average().orElseThrow();
            assertThat(mean.applyAsDouble(justAbove)).isBetween(LIMIT, LIMIT * 1.02);
            FixedSequence sequence = FixedSequence.test(
                    order.stream()
                            .map(effort -> losses(
                                    effort,
                                    effort == 1
                                            ? new double[tested]
                                            : draw(effort == 0.5 ? safe : justAbove, random, tested)))
                            .toList(),
                    TEST);
            violations += sequence.results().stream()
                            .anyMatch(
                                    result -> result.passed() && result.losses().effort() == 0.25)
                    ? 1
                    : 0;
        }
        return violations;
    }

    @Test
    void anEffortJustAboveTheLimitIsSeldomCertifiedWhereLossesAreFailures() {
        double[] safe = new double[10_000];
        Arrays.fill(safe, 0, 20, 1);
        double[] justAbove = new double[10_000];
        Arrays.fill(justAbove, 0, 201, 1);
        assertThat(violations(safe, justAbove, 400)).isBetween(1, MOST_VIOLATIONS);
        assertThat(violations(safe, justAbove, 149)).isBetween(1, MOST_VIOLATIONS);
    }

    @Test
    void anEffortJustAboveTheLimitIsSeldomCertifiedWhereLossesAreShares() {
        Random random = new Random(SEED);
        double[] safe = random.doubles(10_000).map(share -> share * 0.01).toArray();
        double[] justAbove = random.doubles(10_000)
                .map(share -> share < 0.05 ? share * 16.2 : 0)
                .toArray();
        assertThat(violations(safe, justAbove, 400)).isLessThanOrEqualTo(MOST_VIOLATIONS);
    }

    @Test
    void theOrderIsByRiskAndEqualRisksByEffort() {
        double[] some = {0.1, 0.3};
        assertThat(FixedSequence.order(List.of(
                        losses(0.25, some), losses(0.5, new double[2]), losses(1, new double[2]), losses(0.75, some))))
                .containsExactly(1.0, 0.5, 0.75, 0.25);
    }

    @Test
    void afterTheFirstFailureNothingPasses() {
        double[] bad = new double[400];
        Arrays.fill(bad, 0.5);
        FixedSequence sequence = FixedSequence.test(
                List.of(losses(1, new double[400]), losses(0.5, bad), losses(0.25, new double[400])), TEST);
        assertThat(sequence.results()).extracting(FixedSequence.Result::passed).containsExactly(true, false, false);
        assertThat(sequence.cheapest().orElseThrow().losses().effort()).isEqualTo(1);
        assertThat(FixedSequence.test(List.of(losses(0.5, bad)), TEST).cheapest())
                .isEmpty();
    }
}
