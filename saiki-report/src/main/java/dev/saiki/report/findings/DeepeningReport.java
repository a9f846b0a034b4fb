package dev.saiki.report.findings;

import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.io.InputException;
import dev.saiki.report.Language;
import dev.saiki.report.LineChart;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection;
import dev.saiki.study.results.EvaluationChange;
import dev.saiki.study.results.FamilyComparison;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The report of a study with a deepened model and an adapter of the same base, the control.
///
/// It leads with what deepening is for: effort 0 stays the base, and one model serves every effort. Whether an adapter
/// learned more stands beside it.
public final class DeepeningReport {

    /// The family that is deepened.
    public static final String DEEPENED = "deepened";

    /// The family that is the control.
    public static final String ADAPTER = "adapter";

    /// The evaluation of the deepened model with one pass, which is the base.
    public static final String ONE_PASS = "one_pass";

    private static final int DECIMALS = 3;

    private final StudyResults results;
    private final Guarantee guarantee;
    private final RunResult deepened;
    private final Measurement base;
    private final Measurement adapter;

    /// The evidence that one pass of the deepened model is the base.
    ///
    /// @param verification result of comparing the base with PyTorch
    /// @param certificate the certificate of one pass, in words
    /// @param isCertified whether the certificate holds
    /// @param equalLogits logits of one pass found equal to the base's bit for bit; -1 if one differs
    public record Guarantee(String verification, String certificate, boolean isCertified, long equalLogits) {

        /// Tells whether certificate and measurement agree that one pass is the base.
        ///
        /// @return whether both hold
        public boolean holds() {
            return isCertified && equalLogits > 0;
        }
    }

    private DeepeningReport(StudyResults results, Guarantee guarantee) {
        this.results = results;
        this.guarantee = guarantee;
        this.deepened = run(DEEPENED);
        this.base = deepened.measurement(ONE_PASS).orElseThrow();
        this.adapter = run(ADAPTER).heldOut();
    }

    /// Lays out the report.
    ///
    /// @param results a finished study with the two families
    /// @param guarantee the evidence that the base is kept
    /// @param samples texts of the base and of the deepened model
    /// @param commands what to try next
    /// @return the report, in English
    public static Report of(
            StudyResults results,
            Guarantee guarantee,
            List<ReportSection.PromptSamples> samples,
            List<ReportSection.Command> commands) {
        return new DeepeningReport(results, guarantee).report(samples, commands);
    }

    private RunResult run(String family) {
        return results.runs().stream()
                .filter(run -> run.family().equals(family))
                .findFirst()
                .orElseThrow(() -> new InputException("the loss of the " + family
                        + " model became infinite during training; try other text, or more of it"));
    }

    private Report report(List<ReportSection.PromptSamples> samples, List<ReportSection.Command> commands) {
        return new Report(
                Language.ENGLISH,
                "A model of your own, deepened",
                "stories260K (MIT licence) on " + results.data().corpus() + ", "
                        + results.setting().updated(),
                answer(),
                List.of(
                        "Deepen when the model in use must not change: effort 0 is the base, higher effort adds a second"
                                + " pass, and each request chooses. An adapter replaces the base's answers.",
                        control(),
                        "Both were trained once on "
                                + Numbers.metric(deepened.training().tokens())
                                + " tokens, so the comparison excludes training noise; a study of three seeds is in"
                                + " studies/own-model."),
                List.of(
                        new Report.KeyFigure(
                                guarantee.holds() ? "bit for bit" : "not equal",
                                "effort 0 against the base",
                                guarantee.equalLogits() > 0
                                        ? Numbers.metric(guarantee.equalLogits()) + " logits equal"
                                        : "a logit differs"),
                        figure(base, "loss at effort 0, the base"),
                        figure(deepened.heldOut(), "loss at effort 1")),
                List.of(
                        new ReportSection.Samples(
                                "Before and after",
                                "Text of one model: effort 0 writes as the base does, effort 1 as deepened. Prompts are"
                                        + " frequent sentence openings of the text; each sample is the likeliest of 128 draws.",
                                samples),
                        settings(),
                        chart(),
                        new ReportSection.Prose(
                                "The base is kept",
                                "",
                                List.of(
                                        "Import: " + guarantee.verification() + ".",
                                        "Certificate: " + guarantee.certificate() + ".",
                                        guarantee.equalLogits() > 0
                                                ? "Measured: " + guarantee.equalLogits()
                                                        + " logits of one pass on held-out text equal the base's bit for bit."
                                                : "Measured: a logit of one pass differs from the base's.")),
                        new ReportSection.Commands(
                                "What to do next",
                                "docs/deepen-your-model.md does the same with your own model.",
                                commands)));
    }

    private static Report.KeyFigure figure(Measurement measured, String label) {
        return new Report.KeyFigure(
                Numbers.fixed(measured.nll(), DECIMALS),
                label,
                "nats per token, " + Numbers.fixed(measured.meanDepth(), 2) + " passes on average");
    }

    private String answer() {
        if (!guarantee.holds()) {
            return "At effort 0 the deepened model is NOT the base; do not use it in place of the base.";
        }
        double change = deepened.heldOut().nll() - base.nll();
        return "At effort 0 the deepened model is still the base, bit for bit; at effort 1 its loss on held-out text is "
                + (change < 0
                        ? Numbers.fixed(-change, DECIMALS) + " nats per token lower"
                                + (isClear() ? "." : ", which may be chance.")
                        : "not lower.");
    }

    /// Whether the interval of the change over documents excludes zero.
    private boolean isClear() {
        return results.changes().stream()
                .filter(change -> change.run().equals(deepened.id())
                        && change.evaluation().equals(ONE_PASS))
                .mapToDouble(EvaluationChange::low)
                .anyMatch(low -> low > 0);
    }

    private String control() {
        FamilyComparison against = results.comparisons().stream()
                .filter(comparison -> comparison.family().equals(DEEPENED)
                        && comparison.baseline().equals(ADAPTER))
                .findFirst()
                .orElseThrow();
        String verdict = against.low() > 0
                ? "lower than the deepened model's: for the lowest loss alone, train an adapter"
                : against.high() < 0
                        ? "higher than the deepened model's"
                        : "not clearly different from the deepened model's";
        return "The control, an adapter with as many trained parameters, has a loss of "
                + Numbers.fixed(adapter.nll(), DECIMALS) + " with one pass, " + verdict + " (effort 1 minus adapter "
                + Numbers.signed(against.difference(), DECIMALS) + ", 95 % interval over documents "
                + Numbers.signed(against.low(), DECIMALS) + " to " + Numbers.signed(against.high(), DECIMALS) + ").";
    }

    /// The deepened model from effort 0 to 1.
    private List<Measurement> dial() {
        List<Measurement> dial = new ArrayList<>(List.of(base));
        deepened.measurements().stream()
                .filter(measured -> !measured.equals(base) && !measured.equals(deepened.heldOut()))
                .forEach(dial::add);
        dial.add(deepened.heldOut());
        return dial;
    }

    private ReportSection settings() {
        List<List<String>> rows = new ArrayList<>();
        List<Measurement> dial = dial();
        for (int i = 0; i < dial.size(); i++) {
            String name = i == 0
                    ? "effort 0, the base"
                    : i == dial.size() - 1 ? "effort 1" : dial.get(i).name();
            rows.add(row(name.replace("effort_", "effort 0."), dial.get(i)));
        }
        rows.add(row(ADAPTER, adapter));
        return new ReportSection.Table(
                "Each effort",
                "Effort sets the share of tokens that take the second pass, in one checkpoint. The adapter is another one.",
                List.of(
                        new Column("setting", ""),
                        new Column("mean depth", "passes"),
                        new Column("loss", "nats/token"),
                        new Column("minus the base", "nats/token")),
                rows,
                List.of());
    }

    private List<String> row(String name, Measurement measured) {
        return List.of(
                name,
                Numbers.fixed(measured.meanDepth(), 2),
                Numbers.fixed(measured.nll(), DECIMALS),
                measured.equals(base) ? "–" : Numbers.signed(measured.nll() - base.nll(), DECIMALS));
    }

    private ReportSection chart() {
        return new ReportSection.Charts(
                "Loss by effort",
                "Loss on held-out text against passes per token; lower is better. The line is the base.",
                List.of(new LineChart(
                        "loss by mean depth",
                        "mean depth (passes)",
                        "loss (nats/token)",
                        List.of(
                                series(DEEPENED, dial(), LineChart.Style.JOINED_POINTS),
                                series(ADAPTER, List.of(adapter), LineChart.Style.POINTS)),
                        Optional.of(new LineChart.Reference("base", base.nll())),
                        LineChart.Range.FITTED)));
    }

    private static LineChart.Series series(String name, List<Measurement> measured, LineChart.Style style) {
        return new LineChart.Series(
                name,
                measured.stream()
                        .map(each -> new LineChart.Point(each.meanDepth(), each.nll()))
                        .toList(),
                style);
    }
}
