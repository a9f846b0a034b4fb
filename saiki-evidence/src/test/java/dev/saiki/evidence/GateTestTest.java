package dev.saiki.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.evidence.GateTest.Sides;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class GateTestTest {

    private static final long SEED = 20_261_130;
    private static final double BETA = 0.05;

    /// Four gates over all traffic and over fifty slices.
    private static final RetreatRule RULE = new RetreatRule(0.05, 300_000, 4 * 51);

    private static GateTest gate(double tolerance) {
        return GateTest.begin(new GateMeasure.Difference(tolerance), BETA);
    }

    private static GateTest after(GateTest test, int conversations, double difference) {
        for (int i = 0; i < conversations; i++) {
            test.observe(Sides.ofDifference(difference));
        }
        return test;
    }

    private static int conversationsUntilRetreat(GateTest test, DoubleSupplier differences) {
        int conversations = 0;
        while (test.changeEvidence() < RULE.threshold()) {
            test.observe(Sides.ofDifference(differences.getAsDouble()));
            conversations++;
        }
        return conversations;
    }

    @ParameterizedTest
    @CsvSource({"0.02, 0", "0.02, 100", "0.02, 10000", "0.1, 0", "0.1, 100", "0.1, 10000"})
    void totalFailureIsFoundWithinFortyConversationsHoweverLongAllWasWell(double tolerance, int before) {
        assertThat(conversationsUntilRetreat(after(gate(tolerance), before, 0), () -> 1))
                .isLessThanOrEqualTo(40);
    }

    @Test
    void thirtyPercentOfBadAnswersAreFoundAsSoonAfterTenThousandGoodOnesAsAfterAHundred() {
        Random random = new Random(SEED);
        DoubleSupplier bad = () -> random.nextDouble() < 0.3 ? 1 : 0;
        double[] soon = new double[20];
        double[] late = new double[20];
        Arrays.setAll(soon, _ -> conversationsUntilRetreat(after(gate(0.1), 100, 0), bad));
        Arrays.setAll(late, _ -> conversationsUntilRetreat(after(gate(0.1), 10_000, 0), bad));
        assertThat(Arrays.stream(late).average().orElseThrow())
                .isCloseTo(Arrays.stream(soon).average().orElseThrow(), within(60.0));
        assertThat(Arrays.stream(late).max().orElseThrow()).isLessThan(500);
    }

    @Test
    void aGoodTimeThatIsOverClearsNobody() {
        GateTest test = after(gate(0.1), 60, 0);
        assertThat(test.isCleared()).isTrue();
        Random random = new Random(SEED);
        for (int i = 0; i < 60; i++) {
            test.observe(Sides.ofDifference(random.nextDouble() < 0.3 ? 1 : 0));
        }
        assertThat(test.isCleared()).isFalse();
    }

    @Test
    void tenThousandGoodConversationsDoNotClearACandidateThatIsBadNow() {
        GateTest test = after(gate(0.1), 10_000, 0);
        assertThat(test.isCleared()).isTrue();
        after(test, 30, 1);
        assertThat(test.isCleared()).isFalse();
        assertThat(test.logClearance()).isLessThan(-Math.log(BETA));
    }

    @Test
    void aGoodCandidateStaysClearedMostOfTheTime() {
        Random random = new Random(SEED);
        GateTest test = gate(0.1);
        int cleared = 0;
        for (int i = 0; i < 5_000; i++) {
            double draw = random.nextDouble();
            test.observe(Sides.ofDifference(draw < 0.1 ? 1 : draw < 0.2 ? -1 : 0));
            cleared += i >= 1_000 && test.isCleared() ? 1 : 0;
        }
        assertThat(cleared).isGreaterThan(2_800);
    }

    /// A sum over all possible beginnings, computed the long way.
    @Test
    void theEvidenceOfAChangeIsASumOverItsPossibleBeginnings() {
        double bound = 1 / 0.55;
        double[] excesses = {0.45, -0.05, -0.55, 0.2, 0.1, -0.3};
        ChangeDetector detector = new ChangeDetector(bound, ChangeDetector.NONE);
        double sum = 0;
        for (int beginning = 0; beginning < excesses.length; beginning++) {
            for (double stake : StakeMixture.stakes(bound)) {
                double product = 1.0 / StakeMixture.STAKES;
                for (int i = beginning; i < excesses.length; i++) {
                    product *= 1 + stake * excesses[i];
                }
                sum += product;
            }
        }
        Arrays.stream(excesses).forEach(detector::observe);
        assertThat(detector.evidence()).isCloseTo(sum, within(1e-12));
    }

    /// The evidence is the mean of the products of the single stakes.
    @Test
    void theStakeIsAMeanOfFixedOnes() {
        double bound = 1 / 0.55;
        StakeMixture mixture = new StakeMixture(bound, StakeMixture.State.NONE);
        double[] products = new double[StakeMixture.STAKES];
        Arrays.fill(products, 1);
        for (double excess : new double[] {0.45, -0.05, -0.55, 0.2, 0.1, -0.3}) {
            mixture.observe(excess);
            for (int i = 0; i < products.length; i++) {
                products[i] *= 1 + 0.95 * bound / Math.pow(1.5, i) * excess;
            }
        }
        assertThat(Math.exp(mixture.logEvidence()))
                .isCloseTo(Arrays.stream(products).average().orElseThrow(), within(1e-12));
    }

    static Stream<GateMeasure> measures() {
        return Stream.of(
                new GateMeasure.Difference(0.1),
                new GateMeasure.Rate(0.1),
                new GateMeasure.Latency(0.95, 2),
                new GateMeasure.RelativeLatency(0.95, 1.5));
    }

    @ParameterizedTest
    @MethodSource("measures")
    void aTestGoesOnFromItsState(GateMeasure measure) {
        Random random = new Random(SEED);
        GateTest once = GateTest.begin(measure, BETA);
        for (int i = 0; i < 300; i++) {
            GateTest resumed = GateTest.resume(measure, BETA, once.state());
            Sides sides = i % 50 == 49
                    ? new Sides(1, Double.POSITIVE_INFINITY)
                    : new Sides(random.nextDouble(), random.nextDouble());
            once.observe(sides);
            resumed.observe(sides);
            assertThat(resumed.state()).isEqualTo(once.state());
            assertThat(resumed.isCleared()).isEqualTo(once.isCleared());
            assertThat(resumed.observed()).isEqualTo(i + 1);
        }
    }

    @Test
    void aStateOfAnotherMeasureOrNoneIsRefused() {
        String state = after(gate(0.1), 3, 0).state();
        assertThatThrownBy(() -> GateTest.resume(new GateMeasure.Difference(0.2), BETA, state))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the test began as Difference[tolerance=0.1] and cannot continue as"
                        + " Difference[tolerance=0.2]");
        for (String damaged : List.of("", "{}", "[", state.replace("0.0", "\"x\""), state.replace("shares", "share"))) {
            assertThatThrownBy(() -> GateTest.resume(new GateMeasure.Difference(0.1), BETA, damaged))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aRuleWithoutConversationsOrTestsIsRefused() {
        assertThatThrownBy(() -> new RetreatRule(0.05, 0, 1)).hasMessageContaining("at least 1, got 0.05, 0, 1");
        assertThatThrownBy(() -> new RetreatRule(1, 1, 1)).hasMessageContaining("between 0 and 1");
    }

    @Test
    void itIsKnownBeforehandHowLongAGateTakes() {
        ExpectedLength cleared = ExpectedLength.untilCleared(new GateMeasure.Difference(0.1), BETA, 0.3);
        assertThat(cleared.median().orElseThrow()).isBetween(50, 600);
        assertThat(cleared.ninety().orElseThrow())
                .isGreaterThan(cleared.median().orElseThrow());
        assertThat(ExpectedLength.untilCleared(new GateMeasure.Difference(0.25), BETA, 0)
                        .median())
                .hasValue(19);
        assertThat(ExpectedLength.untilCleared(new GateMeasure.Difference(0.02), BETA, 0)
                        .median())
                .hasValue(271);
        assertThat(ExpectedLength.untilRetreat(new GateMeasure.Difference(0.1), RULE, 1)
                        .median())
                .hasValue(40);
        assertThat(ExpectedLength.untilCleared(new GateMeasure.Difference(0), BETA, 0.3)
                        .ninety())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("measuresWithATolerance")
    void eachMeasureClearsAnEqualCandidateAndFindsAFailingOneButNotATolerableShareOfFailures(GateMeasure measure) {
        assertThat(ExpectedLength.untilCleared(measure, BETA, 0).median().orElseThrow())
                .isLessThan(600);
        assertThat(ExpectedLength.untilRetreat(measure, RULE, 1).ninety().orElseThrow())
                .isLessThan(60);
        assertThat(ExpectedLength.untilRetreat(measure, RULE, 0.3).ninety().orElseThrow())
                .isLessThan(700);
    }

    private static List<GateMeasure> measuresWithATolerance() {
        return List.of(
                new GateMeasure.Difference(0.1),
                new GateMeasure.Rate(0.05),
                new GateMeasure.Latency(0.9, 2),
                new GateMeasure.Exceedance(2, 0.1));
    }

    @Test
    void aShareOfFailuresThatIsToleratedCausesNoRetreat() {
        assertThat(ExpectedLength.untilRetreat(new GateMeasure.Difference(0.1), RULE, 0.05)
                        .median())
                .isEmpty();
    }

    @Test
    void inASliceALimitIsHeldAgainstTheBaseline() {
        GateTest slice = GateTest.begin(new GateMeasure.Latency(0.95, 2).inSlice(0.25), BETA);
        for (int i = 0; i < 200; i++) {
            slice.observe(new GateTest.Sides(3, 3));
        }
        assertThat(slice.changeEvidence()).isLessThan(RULE.threshold());
        assertThat(slice.isCleared()).isTrue();
        assertThat(new GateMeasure.Rate(0.05).inSlice(0.25)).isEqualTo(new GateMeasure.Difference(0.25));
        assertThat(new GateMeasure.Difference(0.4).inSlice(0.25)).isEqualTo(new GateMeasure.Difference(0.4));
    }

    @Test
    void boundsOnTheBaselineCountForARetreatAndAgainstAClearance() {
        GateTest test = GateTest.begin(new GateMeasure.Difference(0.1), BETA);
        for (int i = 0; i < 500; i++) {
            double left = i % 4 == 0 ? 1 : 0;
            test.observe(new GateTest.Sides(0.3, left), new GateTest.Sides(0.1, left));
        }
        assertThat(test.changeEvidence()).isLessThan(RULE.threshold());
        assertThat(test.isCleared()).isFalse();
    }
}
