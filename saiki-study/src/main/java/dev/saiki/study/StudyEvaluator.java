package dev.saiki.study;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TextScorer;
import dev.saiki.eval.TokenViews;
import dev.saiki.eval.UnigramModel;
import dev.saiki.eval.audit.AuditText;
import dev.saiki.eval.audit.RouterAuditOptions;
import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.eval.tradeoff.CostedScore;
import dev.saiki.eval.tradeoff.CostedScorer;
import dev.saiki.eval.tradeoff.ExitCalibration;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.EarlyExitSetting;
import dev.saiki.study.results.MeasuredGains;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.UnigramLoss;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// An evaluator of checkpoints that scores all of them on the same rows, which are windows of held-out documents.
///
/// Some documents serve only to choose learning rates, sizes and the thresholds of early exits, and the others
/// only for reporting: a choice made on the reported documents would favour the chosen model.
final class StudyEvaluator {

    private final TokenDataset dataset;
    private final Tokenizer tokenizer;
    private final TextScorer scorer;
    private final List<int[]> documents;
    private final List<ScoringWindow> reported;
    private final List<ScoringWindow> tuning;

    /// Divides the held-out documents.
    ///
    /// @throws InputException if there are too few documents
    StudyEvaluator(TokenDataset dataset, int context, StudyPlan.EvaluationSettings settings) {
        List<int[]> forTuning = new ArrayList<>();
        List<int[]> forReport = new ArrayList<>();
        List<int[]> heldOut = TokenViews.documents(dataset.validation());
        double share = settings.tuningFraction();
        for (int i = 0; i < heldOut.size(); i++) {
            boolean tunes = Math.floor((i + 1) * share) > Math.floor(i * share);
            (tunes ? forTuning : forReport).add(heldOut.get(i));
        }
        if (forTuning.isEmpty() || forReport.size() < TextScore.MIN_DOCUMENTS) {
            throw new InputException("a study needs at least " + TextScore.MIN_DOCUMENTS
                    + " held-out documents to report on and one to tune on, got " + heldOut.size()
                    + " in total, at evaluation.tuning_fraction " + share
                    + "; increase data.validation_fraction, or set data.piece_characters");
        }
        this.dataset = dataset;
        this.tokenizer = dataset.tokenizer();
        TextScorer all = TextScorer.of(tokenizer, context);
        this.scorer = all.withMaxWindows(settings.rows());
        this.documents = forReport;
        this.reported = scorer.windows(forReport);
        this.tuning = all.withMaxWindows(Math.max(1, (int) Math.round(settings.rows() * share)))
                .windows(forTuning);
    }

    /// The measurements of a checkpoint.
    ///
    /// @param tuningNll loss on the tuning documents
    /// @param measurements one measurement for each applicable evaluation, the causal held-out loss first
    /// @param gains the gains of the model's recursions, if measured
    /// @param rows the scored rows
    record CheckpointMeasurements(
            double tuningNll,
            List<Measurement> measurements,
            Optional<MeasuredGains> gains,
            List<TextScore.Window> rows) {}

    /// The rows for reporting.
    List<ScoringWindow> reported() {
        return reported;
    }

    /// The rows on which learning rates, sizes and thresholds are chosen.
    List<ScoringWindow> tuning() {
        return tuning;
    }

    /// The number of tokens on which rates, sizes and thresholds are chosen.
    long tuningTokens() {
        return tokens(tuning);
    }

    /// The number of reported tokens.
    long scoredTokens() {
        return tokens(reported);
    }

    private static long tokens(List<ScoringWindow> windows) {
        return windows.stream().mapToLong(ScoringWindow::scored).sum();
    }

    /// Scores a unigram model on the reported rows.
    UnigramLoss floor() {
        UnigramModel model = UnigramModel.of(TokenViews.count(dataset.train()));
        TextScore score = scorer.score(model, 1, documents, ScoreOptions.CAUSAL, _ -> {});
        return new UnigramLoss(score.nll().mean(), score.nll().standardError(), score.bitsPerByte());
    }

    /// Measures a checkpoint.
    ///
    /// @param checkpoint the model
    /// @param evaluations the evaluations to apply
    /// @param gains the settings for measuring the gains of recursions
    CheckpointMeasurements measure(
            CheckpointDirectory checkpoint, List<StudyEvaluation> evaluations, Optional<StudyPlan.GainSettings> gains) {
        try (ModelWeights weights = ModelWeights.load(checkpoint);
                CostedScorer scorer = new CostedScorer(weights, tokenizer)) {
            ModelConfig config = weights.config();
            double tuningNll =
                    scorer.score(tuning, ScoreOptions.CAUSAL).score().nll().mean();
            Map<EarlyExit.Confidence, ExitCalibration> calibrations = new EnumMap<>(EarlyExit.Confidence.class);
            List<Measurement> measurements = new ArrayList<>();
            List<TextScore.Window> rows = List.of();
            for (StudyEvaluation evaluation : evaluations) {
                ScoredEvaluation scored = switch (evaluation) {
                    case StudyEvaluation.HeldOutLoss heldOut ->
                        new ScoredEvaluation(scorer.score(reported, heldOut.options()), Optional.empty());
                    case StudyEvaluation.EarlyExitLoss exit -> {
                        EarlyExit rule = exit.rule(config);
                        ExitCalibration calibration =
                                calibrations.computeIfAbsent(exit.confidence(), _ -> scorer.calibration(tuning, rule));
                        yield withExits(scorer, exit, rule.withThreshold(calibration.thresholdFor(exit.share())));
                    }
                };
                rows = scored.measured().score().windows();
                measurements.add(describe(evaluation, config, scored));
            }
            Optional<MeasuredGains> measured = gains.map(settings -> gains(weights, settings));
            return new CheckpointMeasurements(tuningNll, measurements, measured, rows);
        }
    }

    /// Measures the gains of recursions by forcing sampled tokens, the same for every model, to other depths.
    private MeasuredGains gains(ModelWeights weights, StudyPlan.GainSettings settings) {
        RouterAuditOptions options = RouterAuditOptions.defaults().withSamples(settings.samples());
        try (TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            AuditText text = AuditText.of("reported documents", documents, TokenViews.count(dataset.train()));
            return new MeasuredGains(
                    settings.samples(),
                    new RouterAuditor(model::trace, weights.config(), tokenizer, options).gains(text));
        }
    }

    /// The scores of an evaluation.
    ///
    /// @param measured loss and cost
    /// @param exits the added exits
    private record ScoredEvaluation(CostedScore measured, Optional<EarlyExitSetting> exits) {}

    private ScoredEvaluation withExits(CostedScorer scorer, StudyEvaluation.EarlyExitLoss exit, EarlyExit rule) {
        CostedScore measured = scorer.score(reported, rule);
        return new ScoredEvaluation(
                measured,
                Optional.of(new EarlyExitSetting(
                        exit.share(),
                        rule.confidence().name().toLowerCase(Locale.ROOT),
                        rule.threshold(),
                        measured.flopsPerTokenWithoutChecks())));
    }

    private static Measurement describe(StudyEvaluation evaluation, ModelConfig config, ScoredEvaluation scored) {
        TextScore score = scored.measured().score();
        // A token that exited early has keys and values in the layers it skipped.
        List<Double> cached = scored.exits().isPresent() ? config.capacities() : score.shareOfTokensPerStep();
        return new Measurement(
                evaluation.name(),
                evaluation.kind(),
                score.nll().mean(),
                score.nll().standardError(),
                score.bitsPerByte(),
                scored.measured().meanDepth(),
                scored.measured().meanLayers(),
                score.shareOfTokensPerDepth(),
                scored.measured().flopsPerToken(),
                Accounting.cacheBytesPerToken(config, cached),
                scored.exits(),
                score.windows().stream().map(TextScore.Window::nll).toList());
    }
}
