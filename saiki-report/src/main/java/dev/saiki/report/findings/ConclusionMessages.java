package dev.saiki.report.findings;

import static dev.saiki.report.Messages.with;

import dev.saiki.eval.TextScore;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Messages;
import dev.saiki.report.findings.Conclusion.Outcome;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.results.UnigramLoss;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// The sentences of a conclusion: whether Mixture-of-Recursions pays off, whether the router beats chance,
/// the result's setting, and its certainty.
///
/// A difference of losses is expressed as something that readers understand: the relative change of the
/// probability of the actual next tokens, e^(−difference) − 1.
///
/// @param findings the figures
/// @param answer the conclusion
/// @param messages the language
record ConclusionMessages(Findings findings, Conclusion answer, Messages messages) {

    /// The number of passes over a text above which more text helps more than longer training.
    private static final double MAX_EPOCHS = 2;

    /// States whether Mixture-of-Recursions pays off.
    String verdict() {
        String model = answer.model().map(ComparedModel::name).orElse("");
        return switch (answer.outcome()) {
            case NOTHING_TO_COMPARE -> nothingCompared(model);
            case ONE_TRAINING -> standingOfOne(answer.contrast().orElseThrow(), model);
            case PAYS -> compared("answer.pays." + standing(), model);
            case PAYS_AT_A_PRICE -> compared("answer.price." + standing(), model);
            case DOES_NOT_PAY -> compared("answer.loses." + standing(), model);
            case NOT_DECIDED -> compared("answer.undecided", model);
            case TOO_LITTLE_LEARNT -> compared("answer.little", model);
            case NO_INTERVAL -> compared("answer.noInterval", model);
        };
    }

    private String nothingCompared(String model) {
        if (!findings.judged().isEmpty()) {
            return messages.format("answer.nothing", with("model", model));
        }
        return messages.format(
                findings.subjects().stream().anyMatch(ConclusionMessages::hasRecursions)
                        ? "answer.noneJudged"
                        : "answer.noRecursions");
    }

    private static boolean hasRecursions(ComparedModel model) {
        return model.numRecursions() > 1;
    }

    private boolean isFixed() {
        return answer.model()
                .filter(model -> model.role() == ModelRole.FIXED_DEPTH)
                .isPresent();
    }

    private String compared(String key, String model) {
        String alike = BudgetText.of(findings, messages).alike();
        return messages.format(key, with("model", model), with("baseline", baseline()), with("alike", alike));
    }

    /// After one training of each model: the model that is ahead, by how much, and what would decide; never a
    /// stronger claim.
    private String standingOfOne(Contrast contrast, String model) {
        String key = contrast.low() > 0 ? "one.behind" : contrast.high() < 0 ? "one.ahead" : "one.level";
        return messages.format(
                key,
                with("model", model),
                with("baseline", baseline()),
                with("difference", Numbers.fixed(Math.abs(contrast.difference()), 3)),
                with("low", Numbers.signed(contrast.low(), 3)),
                with("high", Numbers.signed(contrast.high(), 3)),
                with("pieces", pieces(contrast)),
                with("decision", decision(contrast)));
    }

    private String decision(Contrast contrast) {
        OptionalInt seeds = RequiredSeeds.of(contrast, findings.subjects().size());
        if (seeds.isEmpty()) {
            return messages.format("decide.never");
        }
        Optional<Double> minutes = findings.study()
                .flatMap(study -> study.setting().preset())
                .map(preset -> preset.minutes() * seeds.getAsInt());
        return minutes.isPresent()
                ? messages.format(
                        "decide.minutes",
                        with("minutes", Numbers.metric(Math.ceil(minutes.get()))),
                        with("seeds", seeds.getAsInt()))
                : messages.format("decide.seeds", with("seeds", seeds.getAsInt()));
    }

    /// States what passing shared layers several times is worth, and whether the learning curves have crossed.
    Optional<String> depth() {
        return answer.outcome() == Outcome.TOO_LITTLE_LEARNT
                ? Optional.empty()
                : DepthValue.of(findings)
                        .filter(value -> value.course() != DepthValue.Course.UNKNOWN)
                        .map(this::sentence);
    }

    private String sentence(DepthValue value) {
        String doubt = value.contrast()
                .filter(contrast -> !Double.isNaN(contrast.low()))
                .map(contrast -> messages.format(
                        "depth.interval",
                        with("low", Numbers.signed(contrast.low(), 3)),
                        with("high", Numbers.signed(contrast.high(), 3))))
                .orElse("");
        return messages.format(
                Messages.key("depth", value.course()),
                with("model", value.recursive().name()),
                with("other", value.onePass().name()),
                with("most", value.recursive().numRecursions()),
                with("difference", Numbers.signed(value.difference(), 3)),
                with("doubt", doubt),
                with("earlier", Numbers.signed(value.earlier(), 3)),
                with("tokens", Numbers.metric(value.tokens())));
    }

    /// States whether the router beats chance.
    String router() {
        if (answer.model().filter(model -> model.role() == ModelRole.ROUTED).isEmpty()) {
            return messages.format(isFixed() ? "router.fixed" : "router.none");
        }
        ComparedModel model = answer.model().get();
        Optional<Contrast> random = findings.againstRandom(model);
        if (random.isEmpty() || Double.isNaN(random.get().low())) {
            return messages.format("router.untested", with("model", model.name()));
        }
        if (answer.outcome() == Outcome.TOO_LITTLE_LEARNT) {
            return messages.format("router.little", with("model", model.name()));
        }
        Contrast contrast = random.get();
        String key = contrast.high() < 0 ? "ahead" : contrast.low() > 0 ? "behind" : "level";
        return messages.format(
                "router." + key + (contrast.seeds() == 1 ? ".once" : ""),
                with("model", model.name()),
                with("twin", contrast.baseline()),
                with("difference", Numbers.signed(contrast.difference(), 3)),
                with("low", Numbers.signed(contrast.low(), 3)),
                with("high", Numbers.signed(contrast.high(), 3)),
                with("seeds", contrast.seeds()));
    }

    /// States that the text is too short for the models, if they read it many times.
    Optional<String> shortText() {
        double epochs = findings.epochs();
        return epochs > MAX_EPOCHS
                ? Optional.of(messages.format(
                        "text.short",
                        with(
                                "tokens",
                                Numbers.metric(findings.text().orElseThrow().trainTokens())),
                        with("times", Numbers.fixed(epochs, 0))))
                : Optional.empty();
    }

    private String standing() {
        return answer.isRepeated() ? "decided" : "trial";
    }

    /// States how often the model applies its shared layers, what that costs, and how fast it generates.
    String setting() {
        if (answer.model().isEmpty()) {
            return messages.format("setting.none");
        }
        ComparedModel model = answer.model().get();
        if (answer.baseline().isEmpty()) {
            return settingAlone(model);
        }
        ComparedModel other = answer.baseline().get();
        String counted = messages.format(
                "setting.counted",
                with("model", model.name()),
                with("most", model.numRecursions()),
                with("mean", Numbers.fixed(model.depth().mean(), 2)),
                with("flops", Numbers.percent(model.flopsPerToken() / other.flopsPerToken(), 0)),
                with("cache", Numbers.percent(model.cacheBytesPerToken() / other.cacheBytesPerToken(), 0)),
                with("baseline", baseline()));
        return messages.format("setting.sentence", with("counted", counted), with("measured", measured()));
    }

    private String settingAlone(ComparedModel model) {
        return messages.format(
                hasRecursions(model) ? "setting.alone" : "setting.once",
                with("model", model.name()),
                with("loss", Numbers.fixed(model.loss().nll(), 3)),
                with("most", model.numRecursions()));
    }

    private String measured() {
        SpeedComparison speeds = answer.speeds();
        String key = Messages.key("setting", speeds.state());
        return messages.format(key, with("mine", speed(speeds.model())), with("other", speed(speeds.baseline())));
    }

    private static String speed(Optional<EngineSpeed> speed) {
        return Numbers.significant(speed.map(EngineSpeed::median).orElse(Double.NaN));
    }

    /// States the certainty of the result.
    String certainty() {
        if (answer.outcome() == Outcome.NOTHING_TO_COMPARE) {
            return messages.format("sure.nothing");
        }
        if (answer.contrast().isEmpty() || answer.outcome() == Outcome.NO_INTERVAL) {
            return messages.format("sure.none");
        }
        if (answer.outcome() == Outcome.TOO_LITTLE_LEARNT) {
            return messages.format(
                    "sure.little", with("floor", Numbers.fixed(floor(), 3)), with("best", Numbers.fixed(best(), 3)));
        }
        Contrast contrast = answer.contrast().get();
        if (answer.outcome() == Outcome.ONE_TRAINING) {
            return messages.format(
                    "sure.one",
                    with("spread", Numbers.fixed(RequiredSeeds.spread(), 2)),
                    with("pieces", pieces(contrast)));
        }
        String basis = messages.format(
                answer.isRepeated() ? "sure.repeated" : "sure.few",
                with("pieces", pieces(contrast)),
                with("seeds", contrast.seeds()));
        if (!contrast.isClear()) {
            return messages.format(
                    "sure.undecided",
                    with("gain", signed(gain(contrast.difference()))),
                    with("low", signed(gain(contrast.high()))),
                    with("high", signed(gain(contrast.low()))),
                    with("basis", basis));
        }
        boolean better = contrast.isBetter();
        double near = better ? contrast.high() : contrast.low();
        double far = better ? contrast.low() : contrast.high();
        return messages.format(
                better ? "sure.more" : "sure.less",
                with("gain", Numbers.percent(Math.abs(gain(contrast.difference())), 1)),
                with("low", Numbers.percent(Math.abs(gain(near)), 1)),
                with("high", Numbers.percent(Math.abs(gain(far)), 1)),
                with("basis", basis));
    }

    /// Lists possible causes of a difference, and other limits of the answer.
    List<String> remarks() {
        return new Remarks(findings, answer, messages).all();
    }

    private String pieces(Contrast contrast) {
        return pieces(contrast, messages);
    }

    /// States the number of documents or windows that a difference is based on.
    static String pieces(Contrast contrast, Messages messages) {
        String key = contrast.unit() == TextScore.Unit.DOCUMENT ? "unit.documents" : "unit.windows";
        return messages.format(key, with("number", contrast.observations()));
    }

    private String baseline() {
        return answer.baseline().map(this::nameOf).orElse("");
    }

    /// Names a model in words for readers who do not know the term vanilla.
    private String nameOf(ComparedModel subject) {
        String key = subject.role() == ModelRole.VANILLA ? "name.ordinary" : "name.other";
        return messages.format(key, with("name", subject.name()));
    }

    private double floor() {
        return findings.floor().map(UnigramLoss::nll).orElse(Double.NaN);
    }

    private double best() {
        return findings.subjects().stream()
                .mapToDouble(subject -> subject.loss().nll())
                .min()
                .orElse(Double.NaN);
    }

    private static double gain(double difference) {
        return Math.expm1(-difference);
    }

    private static String signed(double share) {
        return Numbers.signed(100 * share, 1) + " %";
    }
}
