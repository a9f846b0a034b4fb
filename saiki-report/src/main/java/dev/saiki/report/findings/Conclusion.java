package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.results.UnigramLoss;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The conclusion on whether Mixture-of-Recursions pays, drawn by rules.
///
/// 1. Without a routed model and another one, measured on the same text at equal training compute, nothing is said.
/// 2. Models that are hardly better than counting tokens are not compared.
/// 3. A difference whose interval holds zero, or that has none, is no difference: not decided.
/// 4. A lower loss pays if a token also takes less computation, by count, and the engine is not measured to be slower;
///    otherwise it has a price. A higher loss does not pay, whatever it saves.
/// 5. One training of each model gives no judgement: it is only said which one is ahead here, and what would decide.
/// 6. Fewer than three make a trial, not a decision.
///
/// Among several routed models the one whose interval reaches least far up is judged, by an interval that is widened
/// for that choice: the best of many equals looks good by chance.
///
/// @param outcome what can be said
/// @param isRepeated whether it rests on three trainings of each model or more
/// @param choices routed models that the one was chosen from
/// @param contrast the difference that decides, its interval widened for the choice; absent if there is none
/// @param model the routed model that was judged
/// @param baseline the model it was compared with
/// @param speeds whether one writes faster
record Conclusion(
        Outcome outcome,
        boolean isRepeated,
        int choices,
        Optional<Contrast> contrast,
        Optional<ComparedModel> model,
        Optional<ComparedModel> baseline,
        SpeedComparison speeds) {

    /// Trainings of each model from which a result is more than a trial.
    static final int FEWEST_SEEDS = 3;

    /// A model less than this many nats below the floor has hardly learnt anything.
    private static final double CLEARLY_BELOW = 0.3;

    /// The kind of a conclusion.
    enum Outcome {
        /// Each model was trained once.
        ONE_TRAINING,
        /// Lower loss, and less computation for each token.
        PAYS,
        /// Lower loss, but no cheaper to run.
        PAYS_AT_A_PRICE,
        /// Higher loss.
        DOES_NOT_PAY,
        /// The interval holds zero.
        NOT_DECIDED,
        /// The models have hardly learnt anything.
        TOO_LITTLE_LEARNT,
        /// There is no interval.
        NO_INTERVAL,
        /// There are not two models to compare.
        NOTHING_TO_COMPARE
    }

    /// Judges.
    ///
    /// @param findings what is known
    static Conclusion of(Findings findings) {
        List<Contrast> routed = findings.contrasts().stream()
                .filter(contrast -> findings.subject(contrast.model())
                        .filter(subject -> subject.role() == ModelRole.ROUTED)
                        .isPresent())
                .filter(contrast ->
                        contrast.baseline().equals(findings.baseline().name()))
                .toList();
        Optional<Contrast> decisive = routed.stream()
                .min(Comparator.comparingDouble(contrast -> Double.isNaN(contrast.high()) ? 1e9 : contrast.high()))
                .map(best -> best.widened(routed.size()));
        if (decisive.isEmpty()) {
            Optional<ComparedModel> only = findings.routed().stream().findFirst();
            return new Conclusion(
                    Outcome.NOTHING_TO_COMPARE,
                    false,
                    0,
                    Optional.empty(),
                    only.isPresent() ? only : findings.subjects().stream().findFirst(),
                    Optional.empty(),
                    SpeedComparison.UNKNOWN);
        }
        Contrast contrast = decisive.get();
        ComparedModel model = findings.subject(contrast.model()).orElseThrow();
        SpeedComparison speeds = SpeedComparison.of(findings, model, findings.baseline());
        return new Conclusion(
                outcome(findings, contrast, model, speeds),
                contrast.seeds() >= FEWEST_SEEDS,
                routed.size(),
                decisive,
                Optional.of(model),
                Optional.of(findings.baseline()),
                speeds);
    }

    private static Outcome outcome(Findings findings, Contrast contrast, ComparedModel model, SpeedComparison speeds) {
        if (!haveLearnt(findings)) {
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

    /// Tells whether all models are clearly better than counting tokens, as far as that is known.
    static boolean haveLearnt(Findings findings) {
        double floor = findings.floor().map(UnigramLoss::nll).orElse(Double.POSITIVE_INFINITY);
        return findings.subjects().stream().allMatch(subject -> subject.loss().nll() < floor - CLEARLY_BELOW);
    }
}
