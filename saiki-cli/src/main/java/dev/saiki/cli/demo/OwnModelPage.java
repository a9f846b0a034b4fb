package dev.saiki.cli.demo;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The page of the demonstration of an own model: before and after.
final class OwnModelPage {

    private static final int DECIMALS = 4;

    private OwnModelPage() {}

    static Report of(OwnModelFindings findings, Path out) {
        OwnModelFindings.AtEffort best = findings.best();
        return new Report(
                Language.ENGLISH,
                "A model of your own, deepened",
                "stories260K (MIT licence) on " + findings.text() + ", " + LocalDate.now(ZoneOffset.UTC),
                answer(findings),
                List.of(
                        "Trained were the gate, the norms and the low-rank updates of the second pass, and the router, on "
                                + Numbers.metric(findings.trainedTokens()) + " tokens in " + findings.steps()
                                + " steps; all that one pass uses is frozen.",
                        "Losses are nats a token on " + Numbers.metric(findings.heldOutTokens())
                                + " held-out tokens; intervals are of 95 %, over rows of text, from one training.",
                        control(findings)),
                List.of(
                        new Report.KeyFigure(
                                Numbers.fixed(findings.baseLoss(), DECIMALS), "before", "loss of the base"),
                        new Report.KeyFigure(
                                Numbers.fixed(best.loss(), DECIMALS),
                                "after",
                                "loss at effort " + best.effort() + ", " + change(best)),
                        new Report.KeyFigure(
                                findings.isOnePassTheBase() ? "to the bit" : "not equal",
                                "effort 0 against the base",
                                findings.guarantee().equalLogits() > 0
                                        ? Numbers.metric(findings.guarantee().equalLogits()) + " logits equal"
                                        : "a logit differs")),
                List.of(dial(findings), chart(findings), guarantee(findings), next(out)));
    }

    private static String answer(OwnModelFindings findings) {
        OwnModelFindings.AtEffort best = findings.best();
        String first = findings.isOnePassTheBase()
                ? "At effort 0 the deepened model is the base, to the bit"
                : "At effort 0 the deepened model is NOT the base";
        if (best.effort() == 0) {
            return first + "; at no other effort its loss on held-out text is lower.";
        }
        return first + "; at effort " + best.effort() + " its loss on held-out text is "
                + Numbers.fixed(-best.difference().mean(), DECIMALS) + " nats a token lower"
                + (best.difference().isClearlyBelow() ? "." : ", which may be chance.");
    }

    /// Whether the second pass was worth it, which the base alone does not tell.
    private static String control(OwnModelFindings findings) {
        OwnModelFindings.Control control = findings.control();
        OwnModelFindings.Difference ofBest = control.ofBest();
        String verdict;
        if (ofBest.isClearlyBelow()) {
            verdict = "which is better";
        } else if (ofBest.isClearlyAbove()) {
            verdict = "which is worse";
        } else {
            verdict = "not told apart";
        }
        return "The control is an adapter of %,d parameters (%,d were trained of the deepened model), trained on as many tokens: its"
                        .formatted(control.parameters(), control.deepenedParameters())
                + " loss is " + Numbers.fixed(control.loss(), DECIMALS)
                + " with one pass, and that of the deepened model at"
                + " effort " + findings.best().effort() + " less that is " + change(ofBest) + ", " + verdict
                + ". Three seeds of a like comparison, of smaller updates and another router: studies/own-model.";
    }

    private static String change(OwnModelFindings.AtEffort at) {
        return change(at.difference());
    }

    private static String change(OwnModelFindings.Difference difference) {
        return Numbers.signed(difference.mean(), DECIMALS) + " ± " + Numbers.fixed(difference.halfWidth(), DECIMALS);
    }

    private static ReportSection dial(OwnModelFindings findings) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("base", "1.000", Numbers.fixed(findings.baseLoss(), DECIMALS), "–"));
        rows.add(List.of(
                OwnModelDemo.ADAPTER,
                "1.000",
                Numbers.fixed(findings.control().loss(), DECIMALS),
                change(findings.control().difference())));
        for (OwnModelFindings.AtEffort at : findings.dial()) {
            rows.add(List.of(
                    "effort " + at.effort(),
                    Numbers.fixed(at.meanDepth(), 3),
                    Numbers.fixed(at.loss(), DECIMALS),
                    change(at)));
        }
        return new ReportSection.Table(
                "The dial",
                "One checkpoint, each setting of the dial: the share of the tokens that take the second pass. Above it"
                        + " stand its base, and an adapter of that.",
                List.of(
                        new Column("setting", ""),
                        new Column("mean depth", "passes"),
                        new Column("loss", "nats/token"),
                        new Column("against the base", "nats/token")),
                rows,
                List.of());
    }

    private static ReportSection chart(OwnModelFindings findings) {
        List<LineChart.Point> points = findings.dial().stream()
                .map(at -> new LineChart.Point(at.meanDepth(), at.loss()))
                .toList();
        return new ReportSection.Charts(
                "Before and after",
                "Loss on held-out text against passes of a token; the line is the base.",
                List.of(new LineChart(
                        "loss by mean depth",
                        "mean depth (passes)",
                        "loss (nats/token)",
                        List.of(
                                new LineChart.Series("deepened", points, LineChart.Style.JOINED_POINTS),
                                new LineChart.Series(
                                        OwnModelDemo.ADAPTER,
                                        List.of(new LineChart.Point(
                                                1, findings.control().loss())),
                                        LineChart.Style.POINTS)),
                        Optional.of(new LineChart.Reference("base", findings.baseLoss())),
                        LineChart.Range.FITTED)));
    }

    private static ReportSection guarantee(OwnModelFindings findings) {
        return new ReportSection.Prose(
                "What is guaranteed",
                "The model that was trusted is still inside.",
                List.of(
                        "Import: " + findings.guarantee().verification() + ".",
                        "Certificate: " + findings.guarantee().certificate() + ".",
                        findings.guarantee().equalLogits() > 0
                                ? "Measured: " + findings.guarantee().equalLogits()
                                        + " logits of one pass on held-out text are the base's, to the bit."
                                : "Measured: a logit of one pass is not the base's."));
    }

    private static ReportSection next(Path out) {
        Path deepened = out.resolve(OwnModelDemo.DEEPENED);
        return new ReportSection.Commands(
                "What is next",
                "The same with a model of your own: docs/deepen-your-model.md.",
                List.of(
                        new ReportSection.Command(
                                "serve it, with the dial in each request", "./saiki serve --model " + deepened),
                        new ReportSection.Command(
                                "hold it against its certificate",
                                "./saiki verify --model " + deepened + " --certificate"),
                        new ReportSection.Command(
                                "teach it conversations, with some of its text so that it keeps that",
                                "./saiki train --recipe recipes/finetune-chat.yaml --init-from " + deepened
                                        + " --set data.conversations.path=examples/conversations.jsonl"
                                        + " data.dataset=" + out.resolve(OwnModelDemo.DATA)
                                        + " data.text_share=0.125"
                                        + " --out runs/taught")));
    }

    /// The table of the dial for a terminal.
    static List<String> lines(OwnModelFindings findings) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "%-12s %10s %10s   %s", "", "depth", "loss", "against the base"));
        lines.add(String.format(Locale.ROOT, "%-12s %10.3f %10.4f", "base", 1.0, findings.baseLoss()));
        lines.add(String.format(
                Locale.ROOT,
                "%-12s %10.3f %10.4f   %s",
                OwnModelDemo.ADAPTER,
                1.0,
                findings.control().loss(),
                change(findings.control().difference())));
        for (OwnModelFindings.AtEffort at : findings.dial()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%-12s %10.3f %10.4f   %s",
                    "effort " + at.effort(),
                    at.meanDepth(),
                    at.loss(),
                    change(at)));
        }
        lines.add("");
        lines.add("verified     " + findings.guarantee().verification());
        lines.add("certificate  " + findings.guarantee().certificate());
        return lines;
    }
}
