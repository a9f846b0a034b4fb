package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.UnigramLoss;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;

/// Remarks on the figures that limit or explain the conclusion.
///
/// @param findings the figures
/// @param answer the conclusion
/// @param messages the language
record Remarks(Findings findings, Conclusion answer, Messages messages) {

    /// Differences above this value between shares of tokens deserve a remark.
    private static final double NOTABLE_SHARE = 0.1;

    private static final int DECIMALS = 3;

    List<String> all() {
        List<String> remarks = new ArrayList<>();
        if (answer.model().isPresent() && answer.baseline().isPresent()) {
            remarks.add(training(answer.model().get(), answer.baseline().get()));
        }
        findings.contrasts().forEach(contrast -> remarks.add(difference(contrast)));
        findings.floor().ifPresent(floor -> remarks.add(floor(floor)));
        answer.model().flatMap(this::routerRemark).ifPresent(remarks::add);
        sourceOfGain().ifPresent(remarks::add);
        if (answer.choices() > 1) {
            remarks.add(messages.format("remark.chosen", with("number", answer.choices())));
        }
        if (!findings.origin().isComplete()) {
            remarks.add(messages.format("remark.incomplete"));
        }
        givenUp().ifPresent(remarks::add);
        remarks.add(trainings());
        return remarks;
    }

    /// States the number of finished trainings of each model, which may be lower than planned.
    private String trainings() {
        IntSummaryStatistics seeds = findings.subjects().stream()
                .mapToInt(subject -> subject.checkpoints().size())
                .summaryStatistics();
        if (seeds.getMin() < seeds.getMax()) {
            return messages.format("remark.seedsDiffer", with("least", seeds.getMin()), with("most", seeds.getMax()));
        }
        return messages.format(seeds.getMin() == 1 ? "remark.oneSeed" : "remark.seeds", with("seeds", seeds.getMin()));
    }

    /// Names the runs that were given up: the means omit them, which makes their models look better than they
    /// are.
    private Optional<String> givenUp() {
        List<String> runs = findings.study().stream()
                .flatMap(study -> study.progress().givenUp().stream())
                .filter(run -> run.purpose() == RunPurpose.GRID)
                .map(DivergedRun::id)
                .toList();
        return runs.isEmpty()
                ? Optional.empty()
                : Optional.of(messages.format("remark.givenUp", with("runs", String.join(", ", runs))));
    }

    private String training(ComparedModel model, ComparedModel baseline) {
        BudgetText budget = BudgetText.of(findings, messages);
        return messages.format(
                budget.key("remark.training"),
                with("flops", budget.amount(findings.trainingBudget())),
                with("model", model.name()),
                with("baseline", baseline.name()),
                with("tokens", Numbers.metric(model.training().tokens())),
                with("baselineTokens", Numbers.metric(baseline.training().tokens())),
                with(
                        "parameters",
                        Numbers.percent(
                                (double) model.nonEmbeddingParameters() / baseline.nonEmbeddingParameters(), 0)),
                with("minutes", Numbers.fixed(model.training().seconds() / 60, 1)),
                with("baselineMinutes", Numbers.fixed(baseline.training().seconds() / 60, 1)));
    }

    /// States a difference with its interval, and whether it is clear.
    private String difference(Contrast contrast) {
        String key;
        if (Double.isNaN(contrast.low())) {
            key = "contrast.none";
        } else if (contrast.seeds() == 1) {
            key = "contrast.once";
        } else {
            key = contrast.isClear() ? (contrast.isBetter() ? "contrast.lower" : "contrast.higher") : "contrast.same";
        }
        return messages.format(
                key,
                with("model", contrast.model()),
                with("baseline", contrast.baseline()),
                with("difference", Numbers.signed(contrast.difference(), DECIMALS)),
                with("low", Numbers.signed(contrast.low(), DECIMALS)),
                with("high", Numbers.signed(contrast.high(), DECIMALS)),
                with("pieces", ConclusionMessages.pieces(contrast, messages)),
                with("seeds", contrast.seeds()));
    }

    private String floor(UnigramLoss floor) {
        DoubleSummaryStatistics losses = findings.subjects().stream()
                .mapToDouble(subject -> subject.loss().nll())
                .summaryStatistics();
        return messages.format(
                Conclusion.haveLearned(findings) ? "remark.floor" : "remark.floorNear",
                with("floor", Numbers.fixed(floor.nll(), DECIMALS)),
                with("best", Numbers.fixed(losses.getMin(), DECIMALS)),
                with("worst", Numbers.fixed(losses.getMax(), DECIMALS)));
    }

    /// Points out if causal routing sends a clearly different share of tokens to the second recursion than
    /// training did.
    private Optional<String> routerRemark(ComparedModel model) {
        if (model.depth().shares().isEmpty() || Double.isNaN(model.depth().trainedSecond())) {
            return Optional.empty();
        }
        double measured = 1 - model.depth().shares().getFirst();
        double trained = model.depth().trainedSecond();
        if (Math.abs(measured - trained) < NOTABLE_SHARE) {
            return Optional.empty();
        }
        return Optional.of(messages.format(
                "remark.router",
                with("model", model.name()),
                with("measured", Numbers.percent(measured, 0)),
                with("trained", Numbers.percent(trained, 0))));
    }

    /// States what the model with a random router shows about the cause of a gain, which need not be the router.
    private Optional<String> sourceOfGain() {
        if (answer.contrast().isEmpty() || !answer.contrast().get().isBetter() || !Conclusion.haveLearned(findings)) {
            return Optional.empty();
        }
        ComparedModel model = answer.model().orElseThrow();
        if (model.role() != ModelRole.ROUTED) {
            return Optional.empty();
        }
        if (findings.subjects().stream().noneMatch(subject -> subject.role() == ModelRole.RANDOM_ROUTER)) {
            return Optional.of(messages.format("remark.noRandom", with("model", model.name())));
        }
        Optional<Contrast> random = findings.againstRandom(model);
        if (random.isEmpty()) {
            return Optional.of(messages.format("remark.randomNotCompared", with("model", model.name())));
        }
        String key = !random.get().isClear()
                ? "remark.routerUndecided"
                : random.get().isBetter() ? "remark.routerEarns" : "remark.routerEarnsNothing";
        return Optional.of(messages.format(
                key, with("model", model.name()), with("baseline", random.get().baseline())));
    }
}
