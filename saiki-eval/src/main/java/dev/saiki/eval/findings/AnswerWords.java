package dev.saiki.eval.findings;

import dev.saiki.eval.findings.Answer.Outcome;
import dev.saiki.eval.findings.Findings.Contrast;
import dev.saiki.eval.findings.Findings.Floor;
import dev.saiki.eval.findings.Findings.Subject;
import dev.saiki.eval.findings.Findings.Unit;
import dev.saiki.eval.report.Numbers;
import dev.saiki.eval.report.Words;
import java.util.List;
import java.util.Optional;

/// The answer in three sentences: whether it pays, at what setting, how sure.
///
/// A difference of losses is told as what it means for a reader of the text: how much more or less probability the
/// tokens
/// got that really came next, e^(−difference) − 1.
final class AnswerWords {

    private final Findings findings;
    private final Answer answer;
    private final Words words;

    AnswerWords(Findings findings, Answer answer, Words words) {
        this.findings = findings;
        this.answer = answer;
        this.words = words;
    }

    /// Whether it pays.
    String verdict() {
        String model = answer.model().map(Subject::name).orElse("");
        if (answer.outcome() == Outcome.NOTHING_TO_COMPARE) {
            return words.say("answer.nothing", "model", model);
        }
        String key = switch (answer.outcome()) {
            case PAYS -> "answer.pays." + standing();
            case PAYS_AT_A_PRICE -> "answer.price." + standing();
            case DOES_NOT_PAY -> "answer.loses." + standing();
            case NOT_DECIDED -> "answer.undecided";
            case TOO_LITTLE_LEARNT -> "answer.little";
            case NO_INTERVAL, NOTHING_TO_COMPARE -> "answer.noInterval";
        };
        return words.say(key, "model", model, "baseline", baseline());
    }

    private String standing() {
        return answer.isRepeated() ? "decided" : "trial";
    }

    /// At what setting, and what it takes.
    String setting() {
        if (answer.model().isEmpty()) {
            return words.say("setting.none");
        }
        Subject model = answer.model().get();
        if (answer.baseline().isEmpty()) {
            return words.say(
                    "setting.alone",
                    "model",
                    model.name(),
                    "most",
                    model.numRecursions(),
                    "loss",
                    Numbers.fixed(model.loss().nll(), 3));
        }
        Subject other = answer.baseline().get();
        String counted = words.say(
                "setting.counted",
                "model",
                model.name(),
                "most",
                model.numRecursions(),
                "mean",
                Numbers.fixed(model.depth().mean(), 2),
                "flops",
                Numbers.percent(model.flopsPerToken() / other.flopsPerToken(), 0),
                "cache",
                Numbers.percent(model.cacheBytesPerToken() / other.cacheBytesPerToken(), 0),
                "baseline",
                baseline());
        return words.say("setting.sentence", "counted", counted, "measured", measured());
    }

    private String measured() {
        SpeedContrast speeds = answer.speeds();
        String key = switch (speeds.state()) {
            case NOT_MEASURED -> "";
            case FASTER -> "setting.faster";
            case SLOWER -> "setting.slower";
            case UNDECIDED -> "setting.overlap";
        };
        if (key.isEmpty()) {
            return words.say("setting.unmeasured");
        }
        return words.say(key, "mine", speed(speeds.model()), "other", speed(speeds.baseline()));
    }

    private static String speed(Optional<Speed> speed) {
        return Numbers.significant(speed.map(Speed::median).orElse(Double.NaN));
    }

    /// How sure.
    String certainty() {
        if (answer.contrast().isEmpty() || answer.outcome() == Outcome.NO_INTERVAL) {
            return words.say("sure.none");
        }
        if (answer.outcome() == Outcome.TOO_LITTLE_LEARNT) {
            return words.say("sure.little", "floor", Numbers.fixed(floor(), 3), "best", Numbers.fixed(best(), 3));
        }
        Contrast contrast = answer.contrast().get();
        if (!contrast.reason().isEmpty()) {
            return words.say("sure.seeds", "gain", signed(gain(contrast.difference())), "pieces", pieces(contrast));
        }
        String basis = contrast.seeds() == 1
                ? words.say("sure.once", "pieces", pieces(contrast))
                : words.say(
                        answer.isRepeated() ? "sure.repeated" : "sure.few",
                        "pieces",
                        pieces(contrast),
                        "seeds",
                        contrast.seeds());
        if (!contrast.isClear()) {
            return words.say(
                    "sure.undecided",
                    "gain",
                    signed(gain(contrast.difference())),
                    "low",
                    signed(gain(contrast.high())),
                    "high",
                    signed(gain(contrast.low())),
                    "basis",
                    basis);
        }
        boolean better = contrast.isBetter();
        double near = better ? contrast.high() : contrast.low();
        double far = better ? contrast.low() : contrast.high();
        return words.say(
                better ? "sure.more" : "sure.less",
                "gain",
                Numbers.percent(Math.abs(gain(contrast.difference())), 1),
                "low",
                Numbers.percent(Math.abs(gain(near)), 1),
                "high",
                Numbers.percent(Math.abs(gain(far)), 1),
                "basis",
                basis);
    }

    /// What may be owed to what, and other remarks that keep the answer from being taken for more than it is.
    List<String> remarks() {
        return new Remarks(findings, answer, words).all();
    }

    private String pieces(Contrast contrast) {
        return pieces(contrast, words);
    }

    /// Says how many documents or windows are behind a difference.
    static String pieces(Contrast contrast, Words words) {
        String key = contrast.unit() == Unit.DOCUMENTS ? "unit.documents" : "unit.windows";
        return words.say(key, "number", contrast.observations());
    }

    private String baseline() {
        return answer.baseline().map(this::nameOf).orElse("");
    }

    /// Names a model for readers who do not know what vanilla is.
    private String nameOf(Subject subject) {
        return subject.role() == Role.VANILLA
                ? words.say("name.ordinary", "name", subject.name())
                : words.say("name.other", "name", subject.name());
    }

    private double floor() {
        return findings.floor().map(Floor::nll).orElse(Double.NaN);
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
