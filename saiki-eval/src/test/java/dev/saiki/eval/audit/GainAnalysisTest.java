package dev.saiki.eval.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.DecidedStep.StepView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The algebra of gains, on decisions with known right answers.
class GainAnalysisTest {

    private static final int DOCUMENTS = 12;
    private static final int FOLDS = 3;

    @Test
    void theFirstAreSummedAndTiesShareWhatIsLeft() {
        List<DecidedStep> decisions = List.of(decision(0, 4), decision(0, 2), decision(0, 1), decision(0, -3));
        double[] once = {1};
        RankedDecisions known = new RankedDecisions(decisions, new double[] {9, 8, 7, 6});
        assertThat(known.gain(2, once)).isEqualTo(6);
        assertThat(known.gainWithFollowing(2, once)).isEqualTo(26);
        assertThat(known.gain(0, once)).isZero();
        assertThat(known.gain(4, once)).isEqualTo(4);
        assertThat(known.gain(2.5, once)).isEqualTo(6.5);
        RankedDecisions tied = new RankedDecisions(decisions, new double[] {1, 5, 1, 0});
        // The second, then one of the first and third.
        assertThat(tied.gain(2, once)).isEqualTo(2 + (4 + 1) / 2.0);
        RankedDecisions chance = new RankedDecisions(decisions, new double[4]);
        assertThat(chance.gain(3, once)).isEqualTo(3.0 / 4 * 4);
        // Twice the number of each decision.
        assertThat(known.gain(4, new double[] {2})).isEqualTo(12);
    }

    @Test
    void chanceIsTheMeanOfAllWaysToChoose() {
        List<DecidedStep> decisions = random(30, new Random(1));
        double[] weights = once();
        double chance = new RankedDecisions(decisions, new double[30]).gain(10, weights);
        Random random = new Random(2);
        double mean = IntStream.range(0, 20_000)
                .mapToDouble(
                        _ -> new RankedDecisions(decisions, random.doubles(30).toArray()).gain(10, weights))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(chance, within(0.1));
    }

    @Test
    void theAreaIsThatOfAllPairsWeightedByWhatBothGainOrLose() {
        Random random = new Random(3);
        for (int round = 0; round < 20; round++) {
            List<DecidedStep> decisions = random(40, random);
            double[] scores = random.ints(40, 0, 12).asDoubleStream().toArray();
            double[] weights = random.ints(DOCUMENTS, 0, 4).asDoubleStream().toArray();
            double wins = 0;
            double all = 0;
            for (int i = 0; i < 40; i++) {
                for (int j = 0; j < 40; j++) {
                    DecidedStep helped = decisions.get(i);
                    DecidedStep hurt = decisions.get(j);
                    if (helped.gain() > 0 && hurt.gain() < 0) {
                        double pair =
                                weights[helped.cluster()] * helped.gain() * weights[hurt.cluster()] * -hurt.gain();
                        all += pair;
                        wins += scores[i] > scores[j] ? pair : scores[i] == scores[j] ? pair / 2 : 0;
                    }
                }
            }
            RankedDecisions.Pairs pairs = new RankedDecisions(decisions, scores).pairs(weights);
            assertThat(pairs.all()).isCloseTo(all, within(1e-9 * Math.max(1, all)));
            assertThat(pairs.wins()).isCloseTo(wins, within(1e-9 * Math.max(1, all)));
        }
    }

    @Test
    void theRegressionFindsALineAndNothingInNoise() {
        Random random = new Random(4);
        List<DecidedStep> line = new ArrayList<>();
        List<DecidedStep> noise = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            float[] state = {(float) random.nextGaussian(), 5, (float) (100 * random.nextGaussian())};
            line.add(decision(i % DOCUMENTS, state[0] - 0.01 * state[2] + 0.1 * random.nextGaussian(), state));
            noise.add(decision(i % DOCUMENTS, random.nextGaussian(), state));
        }
        assertThat(area(line, StateRegression.outOfFold(line, folds(line), FOLDS)))
                .isGreaterThan(0.98);
        assertThat(area(noise, StateRegression.outOfFold(noise, folds(noise), FOLDS)))
                .isBetween(0.4, 0.6);
    }

    @Test
    void whatAFoldGainedDoesNotLeakIntoItsPredictions() {
        Random random = new Random(5);
        List<DecidedStep> decisions = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            float[] state = {(float) random.nextGaussian(), (float) random.nextGaussian()};
            decisions.add(decision(i % DOCUMENTS, state[0], state));
        }
        int[] folds = folds(decisions);
        double[] before = StateRegression.outOfFold(decisions, folds, FOLDS);
        List<DecidedStep> changed = decisions.stream()
                .map(one -> one.cluster() % FOLDS == 1
                        ? decision(
                                one.cluster(), -7 * one.gain() + 3, one.view().state())
                        : one)
                .toList();
        double[] after = StateRegression.outOfFold(changed, folds, FOLDS);
        int others = 0;
        for (int i = 0; i < before.length; i++) {
            if (folds[i] == 1) {
                assertThat(after[i]).isEqualTo(before[i]);
            } else {
                others += after[i] == before[i] ? 0 : 1;
            }
        }
        assertThat(others).isGreaterThan(100);
    }

    @Test
    void foldsAndPositionsSeeOtherDocumentsOnly() {
        // Each document has a gain of its own in both positions: nothing that holds for another document.
        List<SampledToken> samples = new ArrayList<>();
        for (int document = 0; document < DOCUMENTS; document++) {
            for (int i = 0; i < 20; i++) {
                samples.add(sample(document, i % 2 == 0 ? 2 : 9, document % 2 == 0 ? 1 : -1));
            }
        }
        StepGain gain = new GainAnalysis(samples, 2, 0.5, 0).gains().getFirst();
        assertThat(gain.of(GainRanking.HINDSIGHT).orElseThrow().gain().mean()).isEqualTo(0.5);
        assertThat(gain.of(GainRanking.POSITION).orElseThrow().capture().mean()).isLessThan(0.1);
        assertThat(gain.of(GainRanking.ROUTER)).isEmpty();
    }

    @Test
    void theIntervalOfAMeanIsThatOfItsDocuments() {
        Random random = new Random(6);
        List<SampledToken> samples = new ArrayList<>();
        for (int document = 0; document < 30; document++) {
            double own = random.nextGaussian();
            for (int i = 0; i < 10; i++) {
                samples.add(sample(document, 3, own));
            }
        }
        StepGain gain = new GainAnalysis(samples, 2, 0.5, 0).gains().getFirst();
        Interval expected = ClusterStatistics.mean(samples, sample -> sample.loss(1) - sample.loss(2));
        assertThat(gain.worth().mean()).isCloseTo(expected.mean(), within(1e-9));
        assertThat(gain.worth().low()).isCloseTo(expected.low(), within(0.08));
        assertThat(gain.worth().high()).isCloseTo(expected.high(), within(0.08));
        assertThat(new GainAnalysis(samples, 2, 0.5, 0).gains())
                .isEqualTo(new GainAnalysis(samples, 2, 0.5, 0).gains());
    }

    @Test
    void fromOneDocumentThereIsNoInterval() {
        List<SampledToken> samples = List.of(sample(4, 3, 1), sample(4, 9, -1));
        StepGain gain = new GainAnalysis(samples, 2, 0.5, 0).gains().getFirst();
        assertThat(gain.worth().mean()).isZero();
        assertThat(gain.worth().low()).isNaN();
        assertThat(gain.of(GainRanking.HINDSIGHT).orElseThrow().gain().mean()).isEqualTo(0.5);
        assertThat(gain.of(GainRanking.HINDSIGHT).orElseThrow().curve())
                .hasSize(StepGain.CURVE_SHARES.size())
                .contains(0.0, 0.5);
    }

    /// The area of scores on decisions, with every document counted once.
    private static double area(List<DecidedStep> decisions, double[] scores) {
        RankedDecisions.Pairs pairs = new RankedDecisions(decisions, scores).pairs(once());
        return pairs.wins() / pairs.all();
    }

    private static double[] once() {
        double[] weights = new double[DOCUMENTS];
        Arrays.fill(weights, 1);
        return weights;
    }

    private static int[] folds(List<DecidedStep> decisions) {
        return decisions.stream()
                .mapToInt(decision -> decision.cluster() % FOLDS)
                .toArray();
    }

    private static List<DecidedStep> random(int count, Random random) {
        return IntStream.range(0, count)
                .mapToObj(_ -> decision(random.nextInt(DOCUMENTS), random.nextInt(9) - 4))
                .toList();
    }

    private static DecidedStep decision(int cluster, double gain) {
        return decision(cluster, gain, new float[] {1});
    }

    private static DecidedStep decision(int cluster, double gain, float[] state) {
        return new DecidedStep(cluster, 0, false, Double.NaN, gain, gain + 10, new StepView(0, 0, 0, state));
    }

    /// A token of a model of two recursions without a router.
    private static SampledToken sample(int document, int position, double gain) {
        float[] nobody = {Float.NaN, Float.NaN};
        RoutedToken token = new RoutedToken(
                document, 0, position, 1, 2, 2, 3 - gain, 0, 0, new RoutedToken.StepDecisions(nobody, nobody));
        return new SampledToken(
                token,
                new double[] {3, 3 - gain},
                new double[2],
                new boolean[2],
                Collections.nCopies(1, new StepView(0, 0, 0, new float[] {position})));
    }
}
