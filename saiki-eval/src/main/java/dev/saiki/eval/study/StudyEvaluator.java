package dev.saiki.eval.study;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ModelConfig;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TextScorer;
import dev.saiki.eval.TokenTexts;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.text.TokenDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Measures checkpoints on held-out documents: all of them on the same rows.
///
/// Some documents only serve to choose learning rates and sizes, and the others only to be reported: a choice
/// made on the reported ones would flatter what was chosen.
final class StudyEvaluator {

    private final List<int[]> reported = new ArrayList<>();
    private final List<int[]> tuning = new ArrayList<>();
    private final TextScorer scorer;
    private final TextScorer tuningScorer;
    private final int context;
    private final List<StudyEvaluation> evaluations;

    /// Divides the held-out documents.
    ///
    /// @throws InputException if there are too few
    StudyEvaluator(TokenDataset dataset, int context, StudyPlan.Evaluation settings) {
        List<int[]> documents = TokenTexts.documents(dataset.validation());
        double share = settings.tuningFraction();
        for (int i = 0; i < documents.size(); i++) {
            boolean forTuning = Math.floor((i + 1) * share) > Math.floor(i * share);
            (forTuning ? tuning : reported).add(documents.get(i));
        }
        if (tuning.isEmpty() || reported.size() < TextScore.FEWEST_DOCUMENTS) {
            throw new InputException("a study needs " + TextScore.FEWEST_DOCUMENTS
                    + " held-out documents or more to report and one to tune on, got " + documents.size()
                    + " in all, with evaluation.tuning_fraction " + share
                    + "; hold more text out, or cut it into pieces (data.piece_characters)");
        }
        this.context = context;
        this.scorer = TextScorer.of(dataset.tokenizer(), context).withMostWindows(settings.rows());
        this.tuningScorer = TextScorer.of(dataset.tokenizer(), context)
                .withMostWindows(Math.max(1, (int) Math.round(settings.rows() * share)));
        this.evaluations = new ArrayList<>(List.of(StudyEvaluation.HeldOut.CAUSAL));
        this.evaluations.addAll(settings.more());
    }

    /// What was measured on a checkpoint.
    ///
    /// @param tuningNll loss on the tuning documents
    /// @param measurements one an evaluation of the plan, the causal held-out loss first
    /// @param rows the rows that were scored
    record Measured(double tuningNll, List<StudyResults.Measurement> measurements, List<TextScore.Window> rows) {}

    /// The evaluations, in order.
    List<StudyEvaluation> evaluations() {
        return evaluations;
    }

    /// Tokens that rates and sizes are chosen on.
    long tuningTokens() {
        return tuningScorer.countTokens(tuning);
    }

    /// Tokens that are reported on.
    long scoredTokens() {
        return scorer.countTokens(reported);
    }

    /// Measures a checkpoint.
    Measured measure(Path checkpoint) {
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint));
                TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            int recursions = weights.config().numRecursions();
            double tuningNll = tuningScorer
                    .score(model::score, recursions, tuning, ScoreOptions.CAUSAL, _ -> {})
                    .nll()
                    .mean();
            List<StudyResults.Measurement> measurements = new ArrayList<>();
            List<TextScore.Window> rows = List.of();
            for (StudyEvaluation evaluation : evaluations) {
                TextScore score = switch (evaluation) {
                    case StudyEvaluation.HeldOut heldOut ->
                        scorer.score(model::score, recursions, reported, heldOut.options(), _ -> {});
                };
                rows = score.windows();
                measurements.add(describe(evaluation, weights.config(), score));
            }
            return new Measured(tuningNll, measurements, rows);
        }
    }

    private StudyResults.Measurement describe(StudyEvaluation evaluation, ModelConfig config, TextScore score) {
        List<Double> shares = score.shareOfTokensPerStep();
        return new StudyResults.Measurement(
                evaluation.name(),
                evaluation.kind(),
                score.nll().mean(),
                score.nll().standardError(),
                score.bitsPerByte(),
                score.meanDepth(),
                score.shareOfTokensPerDepth(),
                Accounting.forwardFlopsPerToken(config, context, shares),
                Accounting.cacheBytesPerToken(config, shares),
                score.windows().stream().map(TextScore.Window::nll).toList());
    }
}
