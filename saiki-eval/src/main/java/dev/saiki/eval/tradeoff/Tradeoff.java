package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.ExitPoints;
import dev.saiki.checkpoint.LayerMap;
import dev.saiki.checkpoint.ModelConfig;
import dev.saiki.checkpoint.Recursion;
import dev.saiki.checkpoint.Routing;
import dev.saiki.checkpoint.accounting.EarlyExitCost;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TorchBatches;
import dev.saiki.eval.tradeoff.QualityPoint.Kind;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ExitedContinuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.model.routing.RoutingRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Measures quality against compute: the loss of a model at many settings of the layers its tokens take.
///
/// A model whose tokens all take every layer gets early exits, added to it as it is (CALM, Schuster et al.,
/// arXiv:2207.07061); a recursive one also bounds on its depth, which are what it can do without asking anybody. A
/// routed model is measured at bounds on its depth, with expert threshold at its efforts. All settings are scored on
/// the same tokens, so that their differences from full depth are paired, and costs are counted alike, operation for
/// operation; so points of unlike models may stand in one chart.
///
/// It is an evaluation of quality. Costs are counted, not timed: with early exits all layers are computed for all
/// tokens, and it claims nothing about speed.
public final class Tradeoff implements AutoCloseable {

    private static final int BATCH = 16;

    private final ModelConfig config;
    private final LayerMap map;
    private final HeldOutSplit heldOut;
    private final TradeoffOptions options;
    private final List<Continuation> test;
    private final Optional<EarlyExit> exit;
    private final TorchBatches batches;

    private Tradeoff(ModelWeights weights, HeldOutSplit heldOut, TradeoffOptions options) {
        this.config = weights.config();
        this.map = config.layerMap();
        this.heldOut = heldOut;
        this.options = options;
        this.test = HeldOutSplit.continuations(heldOut.test());
        this.exit = config.isRouted() ? Optional.empty() : Optional.of(exitOf(config, options));
        requireFitting();
        this.batches = new TorchBatches(weights, BATCH, Runtime.getRuntime().availableProcessors());
    }

    private static EarlyExit exitOf(ModelConfig config, TradeoffOptions options) {
        ExitPoints points = ExitPoints.of(config, options.every(), options.skipLastLayer());
        return new EarlyExit(points, options.confidence(), EarlyExit.NEVER);
    }

    /// Measures a model.
    ///
    /// @param weights the model
    /// @param heldOut text it has not seen
    /// @param options at which settings
    /// @param progress takes every point when it is known
    /// @return full depth first, then the settings in rising order of compute, kind by kind
    /// @throws InputException if a setting does not fit the model
    public static List<QualityPoint> measure(
            ModelWeights weights, HeldOutSplit heldOut, TradeoffOptions options, Consumer<QualityPoint> progress) {
        try (Tradeoff tradeoff = new Tradeoff(weights, heldOut, options)) {
            return tradeoff.points(progress);
        }
    }

    @Override
    public void close() {
        batches.close();
    }

    /// What was measured at one setting.
    private record Measured(
            TextScore score, double meanDepth, double meanLayers, double flops, double flopsWithoutChecks) {

        QualityPoint point(Kind kind, double setting, double threshold, Measured full) {
            return new QualityPoint(
                    kind,
                    setting,
                    threshold,
                    score.nll(),
                    score.bitsPerByte(),
                    score.minus(full.score),
                    meanDepth,
                    meanLayers,
                    flops,
                    flopsWithoutChecks);
        }
    }

    private List<QualityPoint> points(Consumer<QualityPoint> progress) {
        List<QualityPoint> points = new ArrayList<>();
        Consumer<QualityPoint> add = point -> {
            points.add(point);
            progress.accept(point);
        };
        boolean dial = config.routing() instanceof Routing.ExpertThreshold;
        Measured full = bounded(RoutingRequest.UNBOUNDED, dial ? 1 : Double.NaN);
        add.accept(full.point(Kind.FULL_DEPTH, config.numRecursions(), Double.NaN, full));
        exit.ifPresent(rule -> addExits(rule, full, add));
        for (int depth : depths()) {
            add.accept(bounded(depth, dial ? 1 : Double.NaN).point(Kind.DEPTH_BOUND, depth, Double.NaN, full));
        }
        for (double effort : efforts()) {
            add.accept(bounded(RoutingRequest.UNBOUNDED, effort).point(Kind.EFFORT, effort, Double.NaN, full));
        }
        return points;
    }

    private void requireFitting() {
        if (config.isRouted() && options.setsEarlyExits()) {
            throw new InputException("early exits are for models without routing; this one has routing.type "
                    + config.routing().key());
        }
        exit.ifPresent(this::requireReachableShares);
        if (!(config.routing() instanceof Routing.ExpertThreshold)
                && !options.efforts().isEmpty()) {
            throw new InputException("efforts are for models with expert_threshold routing; this one has routing.type "
                    + config.routing().key());
        }
        for (int depth : options.depths()) {
            if (depth > config.numRecursions()) {
                throw new InputException("depths must be at most the model's " + config.numRecursions()
                        + (config.numRecursions() == 1 ? " recursion" : " recursions") + ", got " + depth);
            }
        }
    }

    private void requireReachableShares(EarlyExit rule) {
        int numLayers = map.numUnrolled();
        int least = fewestLayers(rule);
        for (double share : options.shares()) {
            if (share * numLayers < least) {
                throw new InputException("early exits: a share of the layers must be at least "
                        + (double) least / numLayers + ", for every token passes " + least + " of " + numLayers
                        + ", got " + share);
            }
        }
    }

    /// Layers that every token passes.
    private int fewestLayers(EarlyExit rule) {
        return rule.points().layersPassed(rule.points().afterLayers().getFirst(), map.numUnrolled());
    }

    /// Bounds below full depth, which is measured anyway.
    private List<Integer> depths() {
        return options.depths().isEmpty()
                ? IntStream.range(1, config.numRecursions()).boxed().toList()
                : options.depths().stream().sorted().toList();
    }

    private List<Double> efforts() {
        if (!(config.routing() instanceof Routing.ExpertThreshold routing)) {
            return List.of();
        }
        if (!options.efforts().isEmpty()) {
            return options.efforts().stream().sorted().toList();
        }
        TreeSet<Double> efforts = new TreeSet<>(routing.effortGrid());
        efforts.add(routing.defaultEffort());
        efforts.remove(1.0);
        return List.copyOf(efforts);
    }

    private Measured bounded(int maxDepth, double effort) {
        ScoreOptions scoring = new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort);
        List<ScoredContinuation> scored = batches.ask(test, (scorer, batch) -> scorer.scoreEnds(batch, scoring));
        List<TextScore.Window> windows = new ArrayList<>();
        long read = 0;
        long recursions = 0;
        double flops = 0;
        for (int i = 0; i < scored.size(); i++) {
            int[] depths = scored.get(i).depths();
            windows.add(window(i, -scored.get(i).logLikelihood(), depths));
            read += depths.length;
            recursions += Arrays.stream(depths).sum();
            flops += SequenceCost.of(config, depths, maxDepth, test.get(i).numScored())
                    .flops();
        }
        double meanDepth = (double) recursions / read;
        double meanLayers = (map.hasUnsharedEnds() ? 2 : 0) + map.blockSize() * meanDepth;
        return new Measured(
                new TextScore(windows, config.numRecursions()), meanDepth, meanLayers, flops / read, flops / read);
    }

    private void addExits(EarlyExit rule, Measured full, Consumer<QualityPoint> add) {
        List<Continuation> calibration = HeldOutSplit.continuations(heldOut.calibration());
        ExitCalibration thresholds = new ExitCalibration(tried -> exited(calibration, tried), rule, map.numUnrolled());
        for (double share : shares(rule)) {
            EarlyExit chosen = rule.withThreshold(thresholds.thresholdFor(share));
            add.accept(withExits(chosen).point(Kind.EARLY_EXIT, share, chosen.threshold(), full));
        }
    }

    /// What was asked for, or those of the usual shares that the places allow.
    private List<Double> shares(EarlyExit rule) {
        int least = fewestLayers(rule);
        return options.sharesOrUsual().stream()
                .filter(share -> share * map.numUnrolled() >= least)
                .sorted()
                .toList();
    }

    private List<ExitedContinuation> exited(List<Continuation> continuations, EarlyExit rule) {
        return batches.ask(continuations, (scorer, batch) -> scorer.scoreEndsWithExits(batch, rule));
    }

    private Measured withExits(EarlyExit rule) {
        List<ExitedContinuation> scored = exited(test, rule);
        List<TextScore.Window> windows = new ArrayList<>();
        long read = 0;
        long recursions = 0;
        long layers = 0;
        double flops = 0;
        double withChecks = 0;
        for (int i = 0; i < scored.size(); i++) {
            int[] leftAfter = scored.get(i).leftAfter();
            int[] depths = Arrays.stream(leftAfter).map(this::depthAfter).toArray();
            double nll = -Arrays.stream(scored.get(i).logprobs()).sum();
            windows.add(window(i, nll, depths));
            EarlyExitCost cost = EarlyExitCost.of(
                    config, rule.points(), leftAfter, test.get(i).numScored());
            read += leftAfter.length;
            recursions += Arrays.stream(depths).sum();
            layers += cost.layersPassed();
            flops += cost.flops();
            withChecks += switch (rule.confidence()) {
                case SOFTMAX -> cost.flopsWithHeadChecks();
                case SATURATION -> cost.flopsWithStateChecks();
            };
        }
        return new Measured(
                new TextScore(windows, config.numRecursions()),
                (double) recursions / read,
                (double) layers / read,
                withChecks / read,
                flops / read);
    }

    /// Recursions that a token has taken after some layers; of layers that are repeated in place, it takes all.
    private int depthAfter(int layers) {
        boolean inBlocks = config.recursion().map(Recursion::sharing).stream().allMatch(sharing -> sharing.isCycle());
        int recursions = (layers - map.firstShared()) / map.blockSize();
        return inBlocks ? Math.clamp(recursions, 1, map.numRecursions()) : map.numRecursions();
    }

    private TextScore.Window window(int index, double nll, int[] depths) {
        ScoringWindow window = heldOut.test().get(index);
        List<Long> atDepth = new ArrayList<>(Collections.nCopies(config.numRecursions(), 0L));
        for (int position = window.firstScored() - 1; position < depths.length; position++) {
            atDepth.set(depths[position] - 1, atDepth.get(depths[position] - 1) + 1);
        }
        return new TextScore.Window(
                window.document(), window.scored(), window.bytes(heldOut.tokenizer()), nll, atDepth);
    }
}
