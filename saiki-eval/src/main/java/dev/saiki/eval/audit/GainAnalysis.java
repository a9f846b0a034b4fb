package dev.saiki.eval.audit;

import dev.saiki.eval.ClusterBootstrap;
import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.StepGain.RankedGain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// The analysis of the gain of further recursions under every ranking, at each step and over all steps.
///
/// The gain of a step compares a token's loss with and without the step, with all other tokens as routed, so it is
/// the effect of a single decision in the running model. Fitted rankings are fitted on other clusters (documents,
/// or windows if there are few documents) than those that they rank.
final class GainAnalysis {

    /// Number of cross-validation folds: each fold is ranked by a fit on the other folds.
    private static final int FOLDS = 5;

    /// Minimum difference between the gains of hindsight and chance, in nats, for a gain capture to be meaningful.
    private static final double MIN_REACHABLE = 1e-12;

    /// Number of sums for a step that precede the sums for its rankings: decisions, chosen, helped, gains, gains
    /// including later tokens.
    private static final int OF_STEP = 5;

    /// Number of sums for a ranking: gain, gain including later tokens, pairs won, all pairs.
    private static final int OF_RANKING = 4;

    private final List<GainRanking> rankings;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, Integer> clusters = new HashMap<>();
    private final int[] folds;
    private final int numFolds;
    private final double share;
    private final ClusterBootstrap bootstrap;

    /// A recursion step with the decisions about it, also sorted by each ranking.
    private record Step(int step, List<DecidedStep> decisions, Map<GainRanking, RankedDecisions> ranked) {}

    /// Ranks the decisions.
    ///
    /// @param samples the sampled tokens
    /// @param numRecursions greatest depth
    /// @param share share of the tokens that each ranking chooses; NaN for the router's own share
    /// @param seed seed of folds and resamples
    GainAnalysis(List<SampledToken> samples, int numRecursions, double share, long seed) {
        samples.forEach(sample -> clusters.putIfAbsent(sample.cluster(), clusters.size()));
        this.share = share;
        this.bootstrap = new ClusterBootstrap(clusters.size(), seed);
        this.numFolds = Math.min(FOLDS, clusters.size());
        this.folds = folds(seed);
        boolean isRouted =
                samples.stream().anyMatch(sample -> !Float.isNaN(sample.token().confidence(1)));
        this.rankings = Arrays.stream(GainRanking.values())
                .filter(ranking -> isRouted || ranking != GainRanking.ROUTER)
                .toList();
        for (int step = 1; step < numRecursions; step++) {
            int own = step;
            List<DecidedStep> decisions = samples.stream()
                    .filter(sample -> sample.depth() >= own)
                    .map(sample -> DecidedStep.of(sample, own, cluster(sample)))
                    .toList();
            if (!decisions.isEmpty()) {
                steps.add(rank(step, decisions));
            }
        }
    }

    private int cluster(SampledToken sample) {
        return clusters.getOrDefault(sample.cluster(), 0);
    }

    /// Distributes the clusters over the folds.
    private int[] folds(long seed) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, clusters.size()).boxed().toList());
        Collections.shuffle(order, new Random(seed));
        int[] dealt = new int[order.size()];
        for (int i = 0; i < dealt.length; i++) {
            dealt[order.get(i)] = i % numFolds;
        }
        return dealt;
    }

    private Step rank(int step, List<DecidedStep> decisions) {
        Map<GainRanking, RankedDecisions> ranked = new EnumMap<>(GainRanking.class);
        for (GainRanking ranking : rankings) {
            ranked.put(ranking, new RankedDecisions(decisions, scores(ranking, decisions)));
        }
        return new Step(step, decisions, ranked);
    }

    private double[] scores(GainRanking ranking, List<DecidedStep> decisions) {
        int[] own = decisions.stream()
                .mapToInt(decision -> folds[decision.cluster()])
                .toArray();
        return switch (ranking) {
            // Tokens that took the step come first, so that at the router's own share, the chosen tokens are
            // those that took the step.
            case ROUTER ->
                decisions.stream()
                        .mapToDouble(decision -> (decision.taken() ? 2 : 0) + decision.routerConfidence())
                        .toArray();
            case CHANCE -> new double[decisions.size()];
            case POSITION -> gainsInLikePositions(decisions, own);
            case CONFIDENCE ->
                decisions.stream()
                        .mapToDouble(decision -> -decision.view().confidence())
                        .toArray();
            case MOVEMENT ->
                decisions.stream()
                        .mapToDouble(decision -> decision.view().movement())
                        .toArray();
            case REGRESSION -> StateRegression.outOfFold(decisions, own, numFolds);
            case FORESEEABLE ->
                decisions.stream()
                        .mapToDouble(decision -> decision.view().divergence())
                        .toArray();
            case HINDSIGHT -> decisions.stream().mapToDouble(DecidedStep::gain).toArray();
        };
    }

    /// For each decision, the mean gain of tokens at similar positions in the other folds, or of all tokens in the
    /// other folds if no position is similar.
    private static double[] gainsInLikePositions(List<DecidedStep> decisions, int[] folds) {
        double[][] sums = new double[FOLDS][Integer.SIZE + 1];
        double[][] counts = new double[FOLDS][Integer.SIZE + 1];
        for (int i = 0; i < folds.length; i++) {
            int like = DepthTables.magnitude(decisions.get(i).position());
            sums[folds[i]][like] += decisions.get(i).gain();
            counts[folds[i]][like]++;
        }
        double[] scores = new double[folds.length];
        for (int i = 0; i < scores.length; i++) {
            int own = folds[i];
            int like = DepthTables.magnitude(decisions.get(i).position());
            double count = sum(counts, own, like, like + 1);
            scores[i] = count > 0
                    ? sum(sums, own, like, like + 1) / count
                    : sum(sums, own, 0, Integer.SIZE + 1) / Math.max(1, sum(counts, own, 0, Integer.SIZE + 1));
        }
        return scores;
    }

    private static double sum(double[][] sums, int left, int from, int to) {
        return IntStream.range(0, FOLDS)
                .filter(fold -> fold != left)
                .mapToDouble(fold -> Arrays.stream(sums[fold], from, to).sum())
                .sum();
    }

    /// Computes the gains over all steps together, followed by the gains of each step.
    List<StepGain> gains() {
        if (steps.isEmpty()) {
            return List.of();
        }
        List<Interval> numbers = bootstrap.intervals(this::statistics);
        int perStep = numbers.size() / (steps.size() + 1);
        List<StepGain> gains = new ArrayList<>();
        gains.add(read(0, steps, numbers.subList(0, perStep)));
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            gains.add(read(step.step(), List.of(step), numbers.subList((i + 1) * perStep, (i + 2) * perStep)));
        }
        return gains;
    }

    private StepGain read(int name, List<Step> some, List<Interval> numbers) {
        List<RankedGain> ranked = new ArrayList<>();
        for (int i = 0; i < rankings.size(); i++) {
            int at = OF_STEP - 1 + OF_RANKING * i;
            Interval area = numbers.get(at + 3);
            ranked.add(new RankedGain(
                    rankings.get(i),
                    numbers.get(at),
                    numbers.get(at + 1),
                    numbers.get(at + 2),
                    ClusterStatistics.within(0, area),
                    curve(rankings.get(i), some)));
        }
        int decisions = some.stream().mapToInt(step -> step.decisions().size()).sum();
        return new StepGain(
                name,
                decisions,
                numbers.get(0).mean(),
                ClusterStatistics.within(0, numbers.get(1)),
                numbers.get(2),
                numbers.get(3),
                ranked);
    }

    private List<Double> curve(GainRanking ranking, List<Step> some) {
        double[] once = new double[clusters.size()];
        Arrays.fill(once, 1);
        int all = some.stream().mapToInt(step -> step.decisions().size()).sum();
        return StepGain.CURVE_SHARES.stream()
                .map(part -> some.stream()
                                .mapToDouble(step -> ranked(step, ranking)
                                        .gain(part * step.decisions().size(), once))
                                .sum()
                        / all)
                .toList();
    }

    private static RankedDecisions ranked(Step step, GainRanking ranking) {
        return Optional.ofNullable(step.ranked().get(ranking))
                .orElseThrow(() -> new IllegalStateException("not ranked by " + ranking));
    }

    /// All statistics: over all steps together, followed by each step.
    private double[] statistics(double[] weights) {
        double[] total = new double[OF_STEP + OF_RANKING * rankings.size()];
        List<double[]> each = new ArrayList<>();
        for (Step step : steps) {
            double[] sums = sums(step, weights);
            for (int i = 0; i < sums.length; i++) {
                total[i] += sums[i];
            }
            each.add(statisticsOf(sums));
        }
        each.addFirst(statisticsOf(total));
        return each.stream().flatMapToDouble(DoubleStream::of).toArray();
    }

    private double[] sums(Step step, double[] weights) {
        double[] sums = new double[OF_STEP + OF_RANKING * rankings.size()];
        double taken = 0;
        for (DecidedStep decision : step.decisions()) {
            double weight = weights[decision.cluster()];
            sums[0] += weight;
            taken += decision.taken() ? weight : 0;
            sums[2] += decision.gain() > 0 ? weight : 0;
            sums[3] += weight * decision.gain();
            sums[4] += weight * decision.gainWithFollowing();
        }
        sums[1] = Double.isNaN(share) ? taken : share * sums[0];
        for (int i = 0; i < rankings.size(); i++) {
            RankedDecisions ranked = ranked(step, rankings.get(i));
            RankedDecisions.Pairs pairs = ranked.pairs(weights);
            int at = OF_STEP + OF_RANKING * i;
            sums[at] = ranked.gain(sums[1], weights);
            sums[at + 1] = ranked.gainWithFollowing(sums[1], weights);
            sums[at + 2] = pairs.wins();
            sums[at + 3] = pairs.all();
        }
        return sums;
    }

    private double[] statisticsOf(double[] sums) {
        double[] numbers = new double[sums.length - 1];
        for (int i = 1; i < OF_STEP; i++) {
            numbers[i - 1] = sums[i] / sums[0];
        }
        double chance = sums[OF_STEP + OF_RANKING * rankings.indexOf(GainRanking.CHANCE)];
        double hindsight = sums[OF_STEP + OF_RANKING * rankings.indexOf(GainRanking.HINDSIGHT)];
        double reachable = hindsight - chance > MIN_REACHABLE ? hindsight - chance : Double.NaN;
        for (int i = 0; i < rankings.size(); i++) {
            int from = OF_STEP + OF_RANKING * i;
            int at = from - 1;
            numbers[at] = sums[from] / sums[0];
            numbers[at + 1] = sums[from + 1] / sums[0];
            numbers[at + 2] = (sums[from] - chance) / reachable;
            numbers[at + 3] = sums[from + 2] / sums[from + 3];
        }
        return numbers;
    }
}
