package dev.saiki.cli.evaluation;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.eval.tasks.EvaluationCost;
import dev.saiki.eval.tasks.EvaluationReport;
import dev.saiki.eval.tasks.EvaluationReport.GroupResult;
import dev.saiki.eval.tasks.Metric;
import dev.saiki.eval.tasks.MetricValue;
import dev.saiki.eval.tasks.TaskResult;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// The results as a readable table.
record EvalTable(PrintStream out) {

    private static final String ROW = "%-52s %6s  %-16s %9s %9s %7s %6s %9s %8s%n";

    /// Prints groups, then tasks.
    void print(List<EvaluationReport> reports) {
        out.printf(ROW, "task", "shots", "metric", "value", "± SE", "chance", "depth", "FLOPs", "cache");
        out.printf(ROW, "", "", "", "", "", "", "mean", "a token", "B/token");
        for (EvaluationReport report : reports) {
            List<TaskResult> results = new ArrayList<>(
                    report.groups().stream().map(GroupResult::result).toList());
            results.addAll(report.tasks());
            results.forEach(this::print);
        }
    }

    private void print(TaskResult task) {
        EvaluationCost spent = task.spent();
        boolean first = true;
        for (MetricValue one : task.measured()) {
            out.printf(
                    ROW,
                    first ? task.name() : "",
                    first ? task.shots() : "",
                    one.metric().key(),
                    number(one.value()),
                    Double.isNaN(one.standardError()) ? "-" : number(one.standardError()),
                    isAccuracy(one.metric()) ? number(task.chance()) : "",
                    first ? NumberFormats.text("%.2f", spent.meanDepth()) : "",
                    first ? flops(spent.flopsPerToken()) : "",
                    first ? NumberFormats.text("%.0f", spent.cacheBytesPerToken()) : "");
            first = false;
        }
    }

    private static boolean isAccuracy(Metric metric) {
        return switch (metric) {
            case ACC, ACC_NORM, ACC_BYTES -> true;
            case PERPLEXITY, WORD_PERPLEXITY, BYTE_PERPLEXITY, BITS_PER_BYTE, TOKEN_PERPLEXITY, NLL -> false;
        };
    }

    private static String number(double value) {
        return NumberFormats.text(Math.abs(value) < 1e6 ? "%.4f" : "%.3e", value);
    }

    private static String flops(double flops) {
        return flops < 1e9 ? NumberFormats.text("%.2f M", flops / 1e6) : NumberFormats.text("%.2f G", flops / 1e9);
    }
}
