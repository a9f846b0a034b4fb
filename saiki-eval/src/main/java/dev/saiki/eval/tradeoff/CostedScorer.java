package dev.saiki.eval.tradeoff;

import dev.saiki.checkpoint.accounting.EarlyExitCost;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.LayerMap;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TorchBatchExecutor;
import dev.saiki.model.Continuation;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ExitedContinuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// A scorer of text by a model at given compute settings, which also counts the operations as the cost. Operations
/// are counted in the same way for routing, depth bounds and early exits, so that their costs are comparable.
public final class CostedScorer implements AutoCloseable {

    private static final int BATCH = 16;

    private final ModelConfig config;
    private final LayerMap map;
    private final Tokenizer tokenizer;
    private final TorchBatchExecutor batches;

    /// Creates a scorer.
    ///
    /// @param weights the model; must outlive the scorer
    /// @param tokenizer the model's tokenizer, for the number of bytes of each token
    public CostedScorer(ModelWeights weights, Tokenizer tokenizer) {
        this.config = weights.config();
        this.map = config.layerMap();
        this.tokenizer = tokenizer;
        this.batches =
                new TorchBatchExecutor(weights, BATCH, Runtime.getRuntime().availableProcessors());
    }

    /// Sets a listener that receives the number of windows in each finished batch.
    public void onBatch(IntConsumer listener) {
        batches.onBatch(listener);
    }

    @Override
    public void close() {
        batches.close();
    }

    /// Scores text with the model's own routing.
    ///
    /// @param windows the text
    /// @param options routing and maximum depth of tokens
    /// @return loss and cost
    public CostedScore score(List<ScoringWindow> windows, ScoreOptions options) {
        List<Continuation> text = HeldOutSplit.continuations(windows);
        List<ScoredContinuation> scored = batches.score(text, options);
        List<TextScore.Window> results = new ArrayList<>();
        long read = 0;
        long recursions = 0;
        double flops = 0;
        for (int i = 0; i < scored.size(); i++) {
            int[] depths = scored.get(i).depths();
            results.add(result(windows.get(i), -scored.get(i).logLikelihood(), depths));
            read += depths.length;
            recursions += Arrays.stream(depths).sum();
            flops += SequenceCost.of(
                            config, depths, options.maxDepth(), text.get(i).numScored())
                    .flops();
        }
        double meanDepth = (double) recursions / read;
        double meanLayers = map.unsharedLayers() + map.blockSize() * meanDepth;
        return new CostedScore(
                new TextScore(results, config.numRecursions()), meanDepth, meanLayers, flops / read, flops / read);
    }

    /// Scores text, where tokens may exit the model between layers.
    ///
    /// @param windows the text
    /// @param rule the exit points and the threshold
    /// @return loss and cost
    public CostedScore score(List<ScoringWindow> windows, EarlyExit rule) {
        List<ExitedContinuation> scored = exited(windows, rule);
        List<TextScore.Window> results = new ArrayList<>();
        long read = 0;
        long recursions = 0;
        long layers = 0;
        double flops = 0;
        double withChecks = 0;
        for (int i = 0; i < scored.size(); i++) {
            int[] leftAfter = scored.get(i).leftAfter();
            int[] depths = Arrays.stream(leftAfter).map(this::depthAfter).toArray();
            double nll = -Arrays.stream(scored.get(i).logprobs()).sum();
            results.add(result(windows.get(i), nll, depths));
            EarlyExitCost cost = EarlyExitCost.of(
                    config, rule.points(), leftAfter, windows.get(i).scored());
            read += leftAfter.length;
            recursions += Arrays.stream(depths).sum();
            layers += cost.layersPassed();
            flops += cost.flops();
            withChecks += switch (rule.confidence()) {
                case SOFTMAX -> cost.flopsWithHeadChecks();
                case SATURATION -> cost.flopsWithStateChecks();
            };
        }
        return new CostedScore(
                new TextScore(results, config.numRecursions()),
                (double) recursions / read,
                (double) layers / read,
                withChecks / read,
                flops / read);
    }

    /// Prepares the choice of exit thresholds on a calibration text.
    ///
    /// @param windows the calibration text, which shares no token with the text that results are reported on
    /// @param rule the exit points and the confidence measure
    /// @return the search for thresholds on this text
    public ExitCalibration calibration(List<ScoringWindow> windows, EarlyExit rule) {
        return new ExitCalibration(tried -> exited(windows, tried), rule, map.numUnrolled());
    }

    private List<ExitedContinuation> exited(List<ScoringWindow> windows, EarlyExit rule) {
        return batches.ask(
                HeldOutSplit.continuations(windows), (scorer, batch) -> scorer.scoreEndsWithExits(batch, rule));
    }

    /// The recursions that a token has completed after a number of layers; all recursions if layers are repeated
    /// in place.
    private int depthAfter(int layers) {
        boolean inBlocks = config.recursion().map(Recursion::sharing).stream().allMatch(sharing -> sharing.isCycle());
        int recursions = (layers - map.firstShared()) / map.blockSize();
        return inBlocks ? Math.clamp(recursions, 1, map.numRecursions()) : map.numRecursions();
    }

    private TextScore.Window result(ScoringWindow window, double nll, int[] depths) {
        return TextScore.Window.of(window, tokenizer, nll, depths, config.numRecursions());
    }
}
