package dev.saiki.eval.calibration;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.Calibration.Bounded;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.eval.Interval;
import dev.saiki.eval.PairedDifference;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TorchBatchExecutor;
import dev.saiki.eval.calibration.ThresholdPlan.Setting;
import dev.saiki.eval.tradeoff.CostedScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ThresholdFit;
import dev.saiki.model.routing.DepthOverrides;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// A calibrator that fits a router's thresholds to target shares on one part of a text. On the other part, the
/// calibrator measures shares and losses with the old and with the new thresholds.
///
/// A router drifts: the share of tokens that take a step may be far from its target, because the text differs from
/// the training text, and because training thresholds are averages. The ranking of tokens by score stays the same;
/// only the threshold needs to move.
///
/// The calibrator computes with LibTorch, which scores a whole window quickly in one pass; the scores equal the
/// engine's to within 0.001.
public final class Calibrator {

    /// Windows computed together.
    private static final int BATCH = 64;

    private final CheckpointDirectory checkpoint;
    private final Tokenizer tokenizer;
    private final ThresholdPlan plan;

    /// Creates a calibrator.
    ///
    /// @param checkpoint the model, which is not modified
    /// @param tokenizer the model's tokenizer
    /// @param shares the targets: for expert choice the share of all tokens at each step, starting with 1;
    ///     for expert threshold the efforts, ending with 1; empty for the targets that the model already has
    /// @throws dev.saiki.io.InputException if the model has no thresholds, or the shares do not fit the model
    public Calibrator(CheckpointDirectory checkpoint, Tokenizer tokenizer, List<Double> shares) {
        this.checkpoint = checkpoint;
        this.tokenizer = tokenizer;
        this.plan = ThresholdPlan.of(checkpoint.config(), checkpoint.tensors(), shares);
    }

    /// Fits the thresholds, and measures shares and losses.
    ///
    /// @param text the text
    /// @param clock source of the time
    /// @param listener receives the finished parts of the work and the number of windows read
    /// @return the model with the new thresholds, and their effect
    public CalibratedModel calibrate(CalibrationText text, InstantSource clock, Listener listener) {
        List<Setting> settings = plan.settings();
        Progress progress = new Progress(listener, passes(text));
        List<List<Double>> fitted;
        Map<Setting, TextScore> before;
        try (ModelWeights weights = ModelWeights.of(checkpoint.config(), checkpoint.tensors())) {
            fitted = fit(weights, text.fit(), progress);
            listener.onPart("fitted " + settings.size() + (settings.size() == 1 ? " setting" : " settings") + " to "
                    + CalibrationText.tokens(text.fit()) + " tokens");
            before = scores(weights, text.heldOut(), "before", progress);
        }
        ModelConfig changed = plan.config(fitted);
        Map<String, StoredTensor> replaced = plan.tensors(fitted);
        Map<String, StoredTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
        tensors.putAll(replaced);
        try (ModelWeights weights = ModelWeights.of(changed, tensors)) {
            Map<Setting, TextScore> after = scores(weights, text.heldOut(), "after", progress);
            List<Double> depths =
                    score(weights, text.heldOut(), Double.NaN, progress).shareOfTokensPerDepth();
            return new CalibratedModel(changed, replaced, calibration(text, clock, fitted, before, after), depths);
        }
    }

    /// A listener to a calibration.
    @FunctionalInterface
    public interface Listener {

        /// Called when a part of the calibration's work is finished.
        ///
        /// @param line description of the finished work
        void onPart(String line);

        /// Reports progress in windows of text.
        ///
        /// @param done number of windows read, counted once per pass over the text
        /// @param total number of windows to read in all passes
        default void onWindows(long done, long total) {}
    }

    /// A counter of the windows read so far.
    private static final class Progress {

        private final Listener listener;
        private final long total;
        private long done;

        Progress(Listener listener, long total) {
            this.listener = listener;
            this.total = total;
        }

        void add(int windows) {
            done += windows;
            listener.onWindows(done, total);
        }
    }

    /// The number of windows that the model reads, counted once per pass. To fit thresholds, all settings share
    /// one pass for the first optional step, and each setting needs a further pass for each later step.
    private long passes(CalibrationText text) {
        long steps = plan.settings().stream()
                .mapToLong(setting -> Math.max(0, setting.shares().size() - 2))
                .sum();
        return (1 + steps) * text.fit().size()
                + (2L * plan.settings().size() + 1) * text.heldOut().size();
    }

    private List<List<Double>> fit(ModelWeights weights, List<ScoringWindow> windows, Progress progress) {
        List<Continuation> read =
                windows.stream().map(ScoringWindow::continuation).toList();
        try (TorchBatchExecutor batches =
                new TorchBatchExecutor(weights, BATCH, Runtime.getRuntime().availableProcessors())) {
            batches.onBatch(progress::add);
            return plan.fit(new ThresholdFit((asked, depths, step) -> ask(batches, asked, depths, step), read));
        }
    }

    /// The executor reorders windows, so depths are looked up by window.
    private static List<float[]> ask(
            TorchBatchExecutor batches, List<Continuation> windows, List<int[]> depths, int step) {
        IdentityHashMap<Continuation, int[]> depthsOf = new IdentityHashMap<>();
        for (int i = 0; i < windows.size(); i++) {
            depthsOf.put(windows.get(i), depths.get(i));
        }
        return batches.ask(windows, (scorer, batch) -> {
            DepthOverrides forced = DepthOverrides.of(batch.stream()
                    .map(window -> Objects.requireNonNull(depthsOf.get(window)))
                    .toList());
            return scorer.confidences(batch, ScoreOptions.CAUSAL.withForced(forced), step);
        });
    }

    private Map<Setting, TextScore> scores(
            ModelWeights weights, List<ScoringWindow> windows, String when, Progress progress) {
        Map<Setting, TextScore> scores = new HashMap<>();
        for (Setting setting : plan.settings()) {
            TextScore score = score(weights, windows, setting.effort(), progress);
            scores.put(setting, score);
            progress.listener.onPart(String.format(
                    Locale.ROOT,
                    "%s%s: NLL %.4f, mean depth %.3f",
                    when,
                    setting.label().isEmpty() ? "" : ", at effort " + setting.label(),
                    score.nll().mean(),
                    score.meanDepth()));
        }
        return scores;
    }

    private TextScore score(ModelWeights weights, List<ScoringWindow> windows, double effort, Progress progress) {
        try (CostedScorer scorer = new CostedScorer(weights, tokenizer)) {
            scorer.onBatch(progress::add);
            ScoreOptions options = new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort);
            return scorer.score(windows, options).score();
        }
    }

    private Calibration calibration(
            CalibrationText text,
            InstantSource clock,
            List<List<Double>> fitted,
            Map<Setting, TextScore> before,
            Map<Setting, TextScore> after) {
        List<Setting> settings = plan.settings();
        List<Calibration.Step> steps = new ArrayList<>();
        List<Calibration.Loss> losses = new ArrayList<>();
        for (int i = 0; i < settings.size(); i++) {
            Setting setting = settings.get(i);
            TextScore old = Objects.requireNonNull(before.get(setting));
            TextScore changed = Objects.requireNonNull(after.get(setting));
            for (int step = 1; step < setting.shares().size(); step++) {
                steps.add(new Calibration.Step(
                        setting.label(),
                        step,
                        setting.shares().get(step),
                        share(old, step),
                        share(changed, step),
                        setting.thresholds().get(step),
                        fitted.get(i).get(step)));
            }
            PairedDifference difference = changed.minus(old);
            losses.add(new Calibration.Loss(
                    setting.label(),
                    bounded(old),
                    bounded(changed),
                    new Bounded(difference.mean(), difference.low(), difference.high())));
        }
        return new Calibration(
                clock.instant(),
                Manifest.currentVersion(),
                ContentHash.of(checkpoint),
                new Calibration.Text(
                        text.name(),
                        text.sha256(),
                        text.documents(),
                        CalibrationText.tokens(text.fit()),
                        CalibrationText.tokens(text.heldOut()),
                        text.parts().name().toLowerCase(Locale.ROOT)),
                steps,
                losses);
    }

    /// Of the tokens that took the previous step, the share that takes this step.
    private static double share(TextScore score, int step) {
        List<Double> shares = score.shareOfTokensPerStep();
        return shares.get(step - 1) == 0 ? 0 : shares.get(step) / shares.get(step - 1);
    }

    private static Bounded bounded(TextScore score) {
        Interval interval = Interval.of(score.nll());
        return new Bounded(interval.mean(), interval.low(), interval.high());
    }
}
