package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FigureTestsTest {

    private static final long SEED = 20_261_128;
    private static final int RUNS = 100;

    /// Three standard errors above 0.05 in 100 runs.
    private static final double MOST_WRONG = 0.1154;

    /// The number of conversations between two evaluations of a test.
    private static final int BETWEEN = 5;

    private static final GateSettings SETTINGS = new GateSettings(0, 0.05, 0.05);

    /// How many of many rollouts come to a conclusion within so many conversations, when it is looked
    /// for after each.
    private static double share(
            Supplier<FigureTest> tests,
            DoubleSupplier baseline,
            DoubleSupplier candidate,
            int conversations,
            Decision wanted) {
        int found = 0;
        for (int run = 0; run < RUNS; run++) {
            FigureTest test = tests.get();
            boolean isFound = false;
            for (int i = 0; i < conversations && !isFound; i++) {
                test.observe(new FigureTest.Sides(baseline.getAsDouble(), candidate.getAsDouble()));
                isFound = i % BETWEEN == BETWEEN - 1 && test.decision() == wanted;
            }
            found += isFound ? 1 : 0;
        }
        return (double) found / RUNS;
    }

    private static DoubleSupplier failing(Random random, double rate) {
        return () -> random.nextDouble() < rate ? 1 : 0;
    }

    private static DoubleSupplier lasting(Random random, double mean) {
        return () -> -mean * Math.log(1 - random.nextDouble());
    }

    @Test
    void aRateAtItsLimitSeldomDecidesAnything() {
        Random random = new Random(SEED);
        Supplier<FigureTest> fixed = () -> new RateTest(SETTINGS, new FigureLimit.Fixed(0.1));
        DoubleSupplier atLimit = failing(random, 0.1);
        assertThat(share(fixed, atLimit, atLimit, 400, Decision.RETREAT)).isLessThanOrEqualTo(MOST_WRONG);
        assertThat(share(fixed, atLimit, atLimit, 400, Decision.PROMOTE)).isLessThanOrEqualTo(MOST_WRONG);
        Supplier<FigureTest> beside = () -> new RateTest(SETTINGS, new FigureLimit.OfBaseline(0.05));
        DoubleSupplier lower = failing(random, 0.05);
        assertThat(share(beside, lower, atLimit, 400, Decision.RETREAT)).isLessThanOrEqualTo(MOST_WRONG);
        assertThat(share(beside, lower, atLimit, 400, Decision.PROMOTE)).isLessThanOrEqualTo(MOST_WRONG);
    }

    @Test
    void aRateFarFromItsLimitDecides() {
        Random random = new Random(SEED);
        Supplier<FigureTest> fixed = () -> new RateTest(SETTINGS, new FigureLimit.Fixed(0.1));
        DoubleSupplier none = failing(random, 0);
        assertThat(share(fixed, none, failing(random, 0.4), 100, Decision.RETREAT))
                .isGreaterThan(0.95);
        assertThat(share(fixed, none, none, 100, Decision.PROMOTE)).isEqualTo(1);
        Supplier<FigureTest> beside = () -> new RateTest(SETTINGS, new FigureLimit.OfBaseline(0.05));
        assertThat(share(beside, none, failing(random, 0.4), 200, Decision.RETREAT))
                .isGreaterThan(0.95);
        assertThat(share(beside, none, none, 300, Decision.PROMOTE)).isEqualTo(1);
    }

    @Test
    void aQuantileAtItsLimitSeldomDecidesAnything() {
        Random random = new Random(SEED);
        DoubleSupplier times = lasting(random, 1);
        Supplier<FigureTest> fixed = () -> new QuantileTest(SETTINGS, 0.9, new FigureLimit.Fixed(-Math.log(0.1)));
        assertThat(share(fixed, times, times, 200, Decision.RETREAT)).isLessThanOrEqualTo(MOST_WRONG);
        assertThat(share(fixed, times, times, 200, Decision.PROMOTE)).isLessThanOrEqualTo(MOST_WRONG);
        Supplier<FigureTest> beside = () -> new QuantileTest(SETTINGS, 0.9, new FigureLimit.OfBaseline(2));
        assertThat(share(beside, times, lasting(random, 2), 100, Decision.RETREAT))
                .isLessThanOrEqualTo(MOST_WRONG);
        assertThat(share(beside, times, lasting(random, 2), 100, Decision.PROMOTE))
                .isLessThanOrEqualTo(MOST_WRONG);
    }

    @Test
    void aQuantileFarFromItsLimitDecidesAlsoWhereAnswersNeverCome() {
        Random random = new Random(SEED);
        DoubleSupplier times = lasting(random, 1);
        Supplier<FigureTest> fixed = () -> new QuantileTest(SETTINGS, 0.9, new FigureLimit.Fixed(6));
        assertThat(share(fixed, times, times, 150, Decision.PROMOTE)).isGreaterThan(0.95);
        assertThat(share(fixed, times, () -> Double.POSITIVE_INFINITY, 10, Decision.RETREAT))
                .isEqualTo(1);
        FigureTest beside = new QuantileTest(SETTINGS, 0.9, new FigureLimit.OfBaseline(2));
        int conversations = 0;
        while (beside.decision() == Decision.CONTINUE && conversations < 1000) {
            beside.observe(new FigureTest.Sides(times.getAsDouble(), 20 + times.getAsDouble()));
            conversations++;
        }
        assertThat(beside.decision()).isEqualTo(Decision.RETREAT);
        assertThat(conversations).isLessThan(100);
    }

    @Test
    void theyGoOnFromTheirStates() {
        FigureLimit beside = new FigureLimit.OfBaseline(0.1);
        FigureTest rate = new RateTest(SETTINGS, beside);
        FigureTest quantile = new QuantileTest(SETTINGS, 0.9, beside);
        for (int i = 0; i < 50; i++) {
            rate.observe(new FigureTest.Sides(i % 10 == 0 ? 1 : 0, i % 3 == 0 ? 1 : 0));
            quantile.observe(new FigureTest.Sides(i, i == 7 ? Double.POSITIVE_INFINITY : 2.0 * i));
        }
        FigureTest rateAgain = RateTest.resume(SETTINGS, beside, rate.state());
        FigureTest quantileAgain = QuantileTest.resume(SETTINGS, 0.9, beside, quantile.state());
        assertThat(rateAgain.figures()).isEqualTo(new FigureTest.Sides(0.1, 0.34));
        assertThat(rateAgain.logRetreatEvidence()).isEqualTo(rate.logRetreatEvidence());
        assertThat(quantileAgain.figures()).isEqualTo(quantile.figures());
        assertThat(quantileAgain.logRetreatEvidence()).isEqualTo(quantile.logRetreatEvidence());
        assertThat(quantileAgain.observed()).isEqualTo(50);
    }
}
