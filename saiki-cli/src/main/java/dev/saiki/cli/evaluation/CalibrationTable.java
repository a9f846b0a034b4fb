package dev.saiki.cli.evaluation;

import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.cli.terminal.NumberFormats;
import java.io.PrintStream;

/// A calibration as tables: shares and thresholds, then losses.
record CalibrationTable(PrintStream out) {

    private static final String STEP_ROW = "%-8s %4s  %7s %7s %7s  %10s %10s%n";
    private static final String LOSS_ROW = "%-8s  %9s %9s  %s%n";

    /// Describes a step and its effort.
    static String where(Calibration.Step step) {
        return "step " + step.step() + (step.effort().isEmpty() ? "" : " at effort " + step.effort());
    }

    void print(Calibration calibration) {
        Calibration.Text text = calibration.text();
        out.println("text        " + text.name() + ", " + NumberFormats.count(text.documents()) + " documents, sha256 "
                + text.sha256());
        out.println("fitted to   " + NumberFormats.count(text.fitTokens()) + " tokens; measured on "
                + NumberFormats.count(text.heldOutTokens()) + " other tokens (split by " + text.parts() + ")");
        out.println();
        out.printf(STEP_ROW, "", "", "share", "", "", "threshold", "");
        out.printf(STEP_ROW, "effort", "step", "asked", "before", "after", "before", "after");
        for (Calibration.Step step : calibration.steps()) {
            out.printf(
                    STEP_ROW,
                    effort(step.effort()),
                    step.step(),
                    number("%.3f", step.asked()),
                    number("%.3f", step.shareBefore()),
                    number("%.3f", step.shareAfter()),
                    number("%.5f", step.thresholdBefore()),
                    number("%.5f", step.thresholdAfter()));
        }
        out.println();
        out.printf(LOSS_ROW, "effort", "NLL", "NLL", "after minus before, 95 % interval");
        out.printf(LOSS_ROW, "", "before", "after", "nats per token");
        for (Calibration.Loss loss : calibration.losses()) {
            out.printf(
                    LOSS_ROW,
                    effort(loss.effort()),
                    number("%.4f", loss.before().mean()),
                    number("%.4f", loss.after().mean()),
                    NumberFormats.text(
                            "%+.4f [%+.4f, %+.4f]",
                            loss.difference().mean(),
                            loss.difference().low(),
                            loss.difference().high()));
        }
    }

    private static String effort(String effort) {
        return effort.isEmpty() ? "-" : effort;
    }

    private static String number(String format, double value) {
        return NumberFormats.text(format, value);
    }
}
