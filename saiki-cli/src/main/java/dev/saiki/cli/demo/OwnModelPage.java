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
                                + " held-out tokens; intervals are of 95 %, over rows of text, from one training."),
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
                                findings.equalLogits() > 0
                                        ? Numbers.metric(findings.equalLogits()) + " logits equal"
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
        boolean isClear = best.difference() + best.halfWidth() < 0;
        return first + "; at effort " + best.effort() + " its loss on held-out text is "
                + Numbers.fixed(-best.difference(), DECIMALS) + " nats a token lower"
                + (isClear ? "." : ", which may be chance.");
    }

    private static String change(OwnModelFindings.AtEffort at) {
        return Numbers.signed(at.difference(), DECIMALS) + " ± " + Numbers.fixed(at.halfWidth(), DECIMALS);
    }

    private static ReportSection dial(OwnModelFindings findings) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("base", "1.000", Numbers.fixed(findings.baseLoss(), DECIMALS), "–"));
        for (OwnModelFindings.AtEffort at : findings.dial()) {
            rows.add(List.of(
                    "effort " + at.effort(),
                    Numbers.fixed(at.meanDepth(), 3),
                    Numbers.fixed(at.loss(), DECIMALS),
                    change(at)));
        }
        return new ReportSection.Table(
                "The dial",
                "One checkpoint, each setting of the dial: the share of the tokens that take the second pass.",
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
                        List.of(new LineChart.Series("deepened", points, LineChart.Style.JOINED_POINTS)),
                        Optional.of(new LineChart.Reference("base", findings.baseLoss())),
                        LineChart.Range.FITTED)));
    }

    private static ReportSection guarantee(OwnModelFindings findings) {
        return new ReportSection.Prose(
                "What is guaranteed",
                "The model that was trusted is still inside.",
                List.of(
                        "Import: " + findings.verification() + ".",
                        "Certificate: " + findings.certificate() + ".",
                        findings.equalLogits() > 0
                                ? "Measured: " + findings.equalLogits()
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
                                "teach it conversations",
                                "./saiki train --recipe recipes/finetune-chat.yaml --init-from " + deepened
                                        + " --set data.conversations.path=examples/conversations.jsonl"
                                        + " --out runs/taught")));
    }

    /// The table of the dial for a terminal.
    static List<String> lines(OwnModelFindings findings) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "%-12s %10s %10s   %s", "", "depth", "loss", "against the base"));
        lines.add(String.format(Locale.ROOT, "%-12s %10.3f %10.4f", "base", 1.0, findings.baseLoss()));
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
        lines.add("verified     " + findings.verification());
        lines.add("certificate  " + findings.certificate());
        return lines;
    }
}
