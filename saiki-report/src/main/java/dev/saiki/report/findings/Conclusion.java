package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.results.UnigramLoss;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The conclusion, drawn by rules, on whether Mixture-of-Recursions pays off.
///
/// 1. There is no conclusion without a routed model and another model, measured on the same text at equal training
/// compute. If no model has a router, the models with a fixed number of recursions are judged instead.
/// 2. If a model is hardly better than a unigram model, no models are compared.
/// 3. A difference whose interval is missing or contains zero is undecided.
/// 4. A lower loss pays off if a token also takes less compute, by count, and the engine is not measured to be
/// slower; otherwise it comes at a price. A higher loss does not pay off, however much compute it saves.
/// 5. With one training of each model there is no verdict: the report only states which model is ahead, and how
/// many trainings would decide.
/// 6. With two trainings of each model the result is a trial, not a decision.
///
/// If several models are judged, the selected one has the difference from the baseline whose interval has the
/// lowest upper end. This interval is then widened, since the best of many equal models looks good by chance.
///
/// @param outcome the outcome
/// @param isRepeated whether the conclusion is based on at least three trainings of each model
/// @param choices number of models from which the judged model was selected as the best
/// @param contrast the deciding difference, with its interval widened for that selection; absent if there is
///     none
/// @param model the judged model
/// @param baseline the model that the judged model was compared with
/// @param speeds comparison of the two models' speeds
record Conclusion(
        Outcome outcome,
        boolean isRepeated,
        int choices,
        Optional<Contrast> contrast,
        Optional<ComparedModel> model,
        Optional<ComparedModel> baseline,
        SpeedComparison speeds) {

    /// The minimum number of trainings of each model for a decision; with fewer, the result is a trial.
    static final int MIN_SEEDS = 3;

    /// A model whose loss is less than this many nats below the unigram model's has hardly learnt anything.
    private static final double CLEARLY_BELOW = 0.3;

    /// The kind of a conclusion.
    enum Outcome {
        /// Each model was trained once.
        ONE_TRAINING,
        /// Lower loss, and less compute per token.
        PAYS,
        /// Lower loss, but not cheaper to run.
        PAYS_AT_A_PRICE,
        /// Higher loss.
        DOES_NOT_PAY,
        /// The interval contains zero.
        NOT_DECIDED,
        /// At least one model has hardly learnt anything.
        TOO_LITTLE_LEARNT,
        /// The difference has no interval.
        NO_INTERVAL,
        /// No judged model was compared with a vanilla or fixed-depth baseline.
        NOTHING_TO_COMPARE
    }

    /// Draws the conclusion.
    ///
    /// @param findings the findings
    static Conclusion of(Findings findings) {
        List<Contrast> judged = judged(findings);
        Optional<Contrast> decisive = judged.stream()
                .min(Comparator.comparingDouble(contrast -> Double.isNaN(contrast.high()) ? 1e9 : contrast.high()))
                .map(best -> best.widened(judged.size()));
        if (decisive.isEmpty()) {
            return new Conclusion(
                    Outcome.NOTHING_TO_COMPARE,
                    false,
                    0,
                    Optional.empty(),
                    best(findings.judged()).or(() -> best(findings.subjects())),
                    Optional.empty(),
                    SpeedComparison.UNKNOWN);
        }
        Contrast contrast = decisive.get();
        ComparedModel model = findings.subject(contrast.model()).orElseThrow();
        SpeedComparison speeds = SpeedComparison.of(findings, model, findings.baseline());
        return new Conclusion(
                outcome(findings, contrast, model, speeds),
                contrast.seeds() >= MIN_SEEDS,
                judged.size(),
                decisive,
                Optional.of(model),
                Optional.of(findings.baseline()),
                speeds);
    }

    /// The differences of judged models from the common baseline; none if the baseline has a router or is judged
    /// itself.
    private static List<Contrast> judged(Findings findings) {
        ComparedModel baseline = findings.baseline();
        boolean isOrdinary = baseline.role() == ModelRole.VANILLA || baseline.role() == ModelRole.FIXED_DEPTH;
        return !isOrdinary || findings.judged().contains(baseline)
                ? List.of()
                : findings.judged().stream()
                        .flatMap(model -> findings.contrastsOf(model).stream())
                        .filter(contrast -> contrast.baseline().equals(baseline.name()))
                        .toList();
    }

    private static Optional<ComparedModel> best(List<ComparedModel> models) {
        return models.stream()
                .min(Comparator.comparingDouble(model -> model.loss().nll()));
    }

    private static Outcome outcome(Findings findings, Contrast contrast, ComparedModel model, SpeedComparison speeds) {
        if (!haveLearned(findings)) {
            return Outcome.TOO_LITTLE_LEARNT;
        }
        if (Double.isNaN(contrast.low()) || Double.isNaN(contrast.high())) {
            return Outcome.NO_INTERVAL;
        }
        if (contrast.seeds() == 1) {
            return Outcome.ONE_TRAINING;
        }
        if (!contrast.isClear()) {
            return Outcome.NOT_DECIDED;
        }
        if (!contrast.isBetter()) {
            return Outcome.DOES_NOT_PAY;
        }
        boolean cheaper = model.flopsPerToken() < findings.baseline().flopsPerToken()
                && speeds.state() != SpeedComparison.State.SLOWER;
        return cheaper ? Outcome.PAYS : Outcome.PAYS_AT_A_PRICE;
    }

    /// Tells whether all models are clearly better than a unigram model; the answer is yes if the unigram
    /// model's loss is unknown.
    static boolean haveLearned(Findings findings) {
        double floor = findings.floor().map(UnigramLoss::nll).orElse(Double.POSITIVE_INFINITY);
        return findings.subjects().stream().allMatch(subject -> subject.loss().nll() < floor - CLEARLY_BELOW);
    }
}
