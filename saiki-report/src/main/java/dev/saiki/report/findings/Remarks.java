package dev.saiki.report.findings;

import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Words;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.report.findings.Findings.Floor;
import dev.saiki.report.findings.Findings.Subject;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.RunPurpose;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Optional;

/// What the figures say beyond the answer, and what keeps it from being taken for more than it is.
final class Remarks {

    /// Shares of tokens further apart than this are worth a remark.
    private static final double NOTABLE_SHARE = 0.1;

    private static final int DECIMALS = 3;

    private final Findings findings;
    private final Answer answer;
    private final Words words;

    Remarks(Findings findings, Answer answer, Words words) {
        this.findings = findings;
        this.answer = answer;
        this.words = words;
    }

    List<String> all() {
        List<String> remarks = new ArrayList<>();
        if (answer.model().isPresent() && answer.baseline().isPresent()) {
            remarks.add(training(answer.model().get(), answer.baseline().get()));
        }
        findings.contrasts().forEach(contrast -> remarks.add(difference(contrast, words)));
        findings.floor().ifPresent(floor -> remarks.add(floor(floor)));
        answer.model().flatMap(this::routerRemark).ifPresent(remarks::add);
        sourceOfGain().ifPresent(remarks::add);
        if (answer.choices() > 1) {
            remarks.add(words.say("remark.chosen", "number", answer.choices()));
        }
        if (!findings.setting().isComplete()) {
            remarks.add(words.say("remark.incomplete"));
        }
        givenUp().ifPresent(remarks::add);
        remarks.add(trainings());
        return remarks;
    }

    /// Says how often each model was trained so far, which may be less often than was planned.
    private String trainings() {
        IntSummaryStatistics seeds = findings.subjects().stream()
                .mapToInt(subject -> subject.checkpoints().size())
                .summaryStatistics();
        if (seeds.getMin() < seeds.getMax()) {
            return words.say("remark.seedsDiffer", "least", seeds.getMin(), "most", seeds.getMax());
        }
        return words.say(seeds.getMin() == 1 ? "remark.oneSeed" : "remark.seeds", "seeds", seeds.getMin());
    }

    /// A mean that leaves out what went wrong flatters its model.
    private Optional<String> givenUp() {
        List<String> runs = findings.study().stream()
                .flatMap(study -> study.progress().givenUp().stream())
                .filter(run -> run.purpose() == RunPurpose.GRID)
                .map(DivergedRun::id)
                .toList();
        return runs.isEmpty()
                ? Optional.empty()
                : Optional.of(words.say("remark.givenUp", "runs", String.join(", ", runs)));
    }

    private String training(Subject model, Subject baseline) {
        return words.say(
                "remark.training",
                "flops",
                Numbers.metric(findings.trainingForwardFlops()) + "FLOP",
                "model",
                model.name(),
                "baseline",
                baseline.name(),
                "tokens",
                Numbers.metric(model.training().tokens()),
                "baselineTokens",
                Numbers.metric(baseline.training().tokens()),
                "parameters",
                Numbers.percent((double) model.nonEmbeddingParameters() / baseline.nonEmbeddingParameters(), 0),
                "minutes",
                Numbers.fixed(model.training().seconds() / 60, 1),
                "baselineMinutes",
                Numbers.fixed(baseline.training().seconds() / 60, 1));
    }

    /// Tells a difference with its interval, and whether it is one.
    static String difference(Contrast contrast, Words words) {
        String key = Double.isNaN(contrast.low())
                ? "contrast.none"
                : contrast.isClear() ? (contrast.isBetter() ? "contrast.lower" : "contrast.higher") : "contrast.same";
        if (contrast.seeds() == 1 && !Double.isNaN(contrast.low())) {
            return words.say(
                    "contrast.once",
                    "model",
                    contrast.model(),
                    "baseline",
                    contrast.baseline(),
                    "difference",
                    Numbers.signed(contrast.difference(), DECIMALS),
                    "low",
                    Numbers.signed(contrast.low(), DECIMALS),
                    "high",
                    Numbers.signed(contrast.high(), DECIMALS),
                    "pieces",
                    AnswerWords.pieces(contrast, words));
        }
        if (key.equals("contrast.none")) {
            return words.say(key, "model", contrast.model(), "baseline", contrast.baseline());
        }
        return words.say(
                key,
                "model",
                contrast.model(),
                "baseline",
                contrast.baseline(),
                "difference",
                Numbers.signed(contrast.difference(), DECIMALS),
                "low",
                Numbers.signed(contrast.low(), DECIMALS),
                "high",
                Numbers.signed(contrast.high(), DECIMALS),
                "pieces",
                AnswerWords.pieces(contrast, words),
                "seeds",
                contrast.seeds());
    }

    private String floor(Floor floor) {
        double worst = findings.subjects().stream()
                .mapToDouble(subject -> subject.loss().nll())
                .max()
                .orElse(Double.NaN);
        double best = findings.subjects().stream()
                .mapToDouble(subject -> subject.loss().nll())
                .min()
                .orElse(Double.NaN);
        return words.say(
                Answer.haveLearnt(findings) ? "remark.floor" : "remark.floorNear",
                "floor",
                Numbers.fixed(floor.nll(), DECIMALS),
                "best",
                Numbers.fixed(best, DECIMALS),
                "worst",
                Numbers.fixed(worst, DECIMALS));
    }

    /// Says so if the causal decision sends another share of tokens on than training did.
    private Optional<String> routerRemark(Subject model) {
        if (model.depth().shares().isEmpty() || Double.isNaN(model.depth().trainedSecond())) {
            return Optional.empty();
        }
        double measured = 1 - model.depth().shares().getFirst();
        double trained = model.depth().trainedSecond();
        if (Math.abs(measured - trained) < NOTABLE_SHARE) {
            return Optional.empty();
        }
        return Optional.of(words.say(
                "remark.router",
                "model",
                model.name(),
                "measured",
                Numbers.percent(measured, 0),
                "trained",
                Numbers.percent(trained, 0)));
    }

    /// Says what a gain may be owed to, lest it be taken for the router's.
    private Optional<String> sourceOfGain() {
        if (answer.contrast().isEmpty() || !answer.contrast().get().isBetter() || !Answer.haveLearnt(findings)) {
            return Optional.empty();
        }
        Subject model = answer.model().orElseThrow();
        if (findings.subjects().stream().noneMatch(subject -> subject.role() == Role.RANDOM_ROUTER)) {
            return Optional.of(words.say("remark.noRandom", "model", model.name()));
        }
        Optional<Contrast> random = findings.againstRandom(model);
        if (random.isEmpty()) {
            return Optional.of(words.say("remark.randomNotCompared", "model", model.name()));
        }
        String key = !random.get().isClear()
                ? "remark.routerUndecided"
                : random.get().isBetter() ? "remark.routerEarns" : "remark.routerEarnsNothing";
        return Optional.of(
                words.say(key, "model", model.name(), "baseline", random.get().baseline()));
    }
}
