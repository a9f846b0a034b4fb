package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.tradeoff.QualityPoint.Kind;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// The measurement of quality against compute: a model's losses at several settings, and the number of layers
/// per token at each.
///
/// A model in which every token takes every layer is measured with early exits, which need no further training
/// (CALM, Schuster et al., arXiv:2207.07061); if it is recursive, also at depth bounds. A routed model is measured
/// at depth bounds and, with expert threshold, at its efforts. All settings are scored on the same tokens, so that
/// their differences from full depth are paired. All costs are counts of operations, so that one chart can compare
/// different models.
///
/// Costs are counted, not timed: with early exits, all layers are computed for all tokens, so the results contain
/// no speeds.
public final class Tradeoff implements AutoCloseable {

    private final ModelConfig config;
    private final LayerMap map;
    private final HeldOutSplit heldOut;
    private final TradeoffOptions options;
    private final Optional<EarlyExit> exit;
    private final CostedScorer scorer;

    private Tradeoff(ModelWeights weights, HeldOutSplit heldOut, TradeoffOptions options) {
        this.config = weights.config();
        this.map = config.layerMap();
        this.heldOut = heldOut;
        this.options = options;
        this.exit = config.isRouted() ? Optional.empty() : Optional.of(exitOf(config, options));
        requireFitting();
        this.scorer = new CostedScorer(weights, heldOut.tokenizer());
    }

    private static EarlyExit exitOf(ModelConfig config, TradeoffOptions options) {
        ExitPoints points = ExitPoints.of(config, options.every(), options.skipLastLayer());
        return new EarlyExit(points, options.confidence(), EarlyExit.NEVER);
    }

    /// Measures a model.
    ///
    /// @param weights the model
    /// @param heldOut text that the model was not trained on
    /// @param options the settings to measure
    /// @param progress receives each point as it is finished
    /// @return full depth first, then the settings by kind, each in rising order of compute
    /// @throws InputException if a setting does not fit the model
    public static List<QualityPoint> measure(
            ModelWeights weights, HeldOutSplit heldOut, TradeoffOptions options, Consumer<QualityPoint> progress) {
        try (Tradeoff tradeoff = new Tradeoff(weights, heldOut, options)) {
            return tradeoff.points(progress);
        }
    }

    @Override
    public void close() {
        scorer.close();
    }

    private static QualityPoint point(
            Kind kind, double setting, double threshold, CostedScore measured, CostedScore full) {
        return new QualityPoint(
                kind,
                setting,
                threshold,
                measured.score().nll(),
                measured.score().bitsPerByte(),
                measured.score().minus(full.score()),
                measured.meanDepth(),
                measured.meanLayers(),
                measured.flopsPerToken(),
                measured.flopsPerTokenWithoutChecks());
    }

    private List<QualityPoint> points(Consumer<QualityPoint> progress) {
        List<QualityPoint> points = new ArrayList<>();
        Consumer<QualityPoint> add = point -> {
            points.add(point);
            progress.accept(point);
        };
        boolean dial = config.routing() instanceof Routing.ExpertThreshold;
        CostedScore full = bounded(RoutingRequest.UNBOUNDED, dial ? 1 : Double.NaN);
        add.accept(point(Kind.FULL_DEPTH, config.numRecursions(), Double.NaN, full, full));
        exit.ifPresent(rule -> addExits(rule, full, add));
        for (int depth : depths()) {
            add.accept(point(Kind.DEPTH_BOUND, depth, Double.NaN, bounded(depth, dial ? 1 : Double.NaN), full));
        }
        for (double effort : efforts()) {
            add.accept(point(Kind.EFFORT, effort, Double.NaN, bounded(RoutingRequest.UNBOUNDED, effort), full));
        }
        return points;
    }

    private void requireFitting() {
        if (config.isRouted() && options.setsEarlyExits()) {
            throw new InputException("early exits are for models without routing; this one has routing.type "
                    + config.routing().key());
        }
        exit.ifPresent(rule -> options.shares()
                .forEach(share -> ExitCalibration.requireReachable(rule.points(), map.numUnrolled(), share)));
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

    /// The requested depth bounds; by default, all bounds below full depth.
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
        efforts.add(0.0); // One pass; every such model can run it.
        efforts.add(routing.defaultEffort());
        efforts.remove(1.0);
        return List.copyOf(efforts);
    }

    private CostedScore bounded(int maxDepth, double effort) {
        return scorer.score(heldOut.test(), new ScoreOptions(RoutingRequest.Rule.CAUSAL, maxDepth, effort));
    }

    private void addExits(EarlyExit rule, CostedScore full, Consumer<QualityPoint> add) {
        ExitCalibration thresholds = scorer.calibration(heldOut.calibration(), rule);
        for (double share : shares(rule)) {
            EarlyExit chosen = rule.withThreshold(thresholds.thresholdFor(share));
            add.accept(point(Kind.EARLY_EXIT, share, chosen.threshold(), scorer.score(heldOut.test(), chosen), full));
        }
    }

    /// The requested or default shares, without those too small for the exit points.
    private List<Double> shares(EarlyExit rule) {
        int least = rule.points().fewestLayers(map.numUnrolled());
        return options.sharesOrUsual().stream()
                .filter(share -> share * map.numUnrolled() >= least)
                .sorted()
                .toList();
    }
}
