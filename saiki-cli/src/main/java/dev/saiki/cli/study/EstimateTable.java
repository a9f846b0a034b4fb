package dev.saiki.cli.study;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.eval.format.Column;
import dev.saiki.eval.format.Numbers;
import dev.saiki.eval.format.TextTable;
import dev.saiki.study.StudyEstimate;
import dev.saiki.study.plan.StudyPlan;
import java.util.ArrayList;
import java.util.List;

/// The estimated cost of a study as a table for a terminal.
final class EstimateTable {

    /// The largest number of runs named in a warning.
    private static final int MAX_MISFITS = 12;

    private EstimateTable() {}

    /// Formats an estimate for a terminal.
    ///
    /// @param estimate the estimate
    /// @param measured the settings of the models' evaluations
    /// @return lines, each terminated
    static String plain(StudyEstimate estimate, StudyPlan.EvaluationSettings measured) {
        List<List<String>> rows = new ArrayList<>();
        for (StudyEstimate.RunEstimate run : estimate.runs()) {
            rows.add(List.of(
                    run.id(),
                    Numbers.metric(run.model().parameters()),
                    Numbers.metric(run.model().nonEmbeddingParameters()),
                    Numbers.shortest(run.learningRate()),
                    Numbers.metric(run.model().forwardFlopsPerToken()),
                    NumberFormats.text("%.2e", run.forwardFlops()),
                    Numbers.metric(run.tokens()),
                    String.valueOf(run.steps()),
                    String.valueOf(run.ownSteps()),
                    run.seconds() == 0 ? "done" : duration(run.seconds())));
        }
        List<Column> columns = List.of(
                new Column("Run", ""),
                new Column("Parameters", "all"),
                new Column("", "non-embedding"),
                new Column("Rate", "peak"),
                new Column("FLOPs", "per token"),
                new Column("FLOPs", "training"),
                new Column("Tokens", ""),
                new Column("Steps", "all"),
                new Column("", "unshared"),
                new Column("Time", "about"));
        String timed = estimate.timedModels() == estimate.models()
                ? "every model was timed"
                : estimate.timedModels() + " of " + estimate.models()
                        + " models were timed; the others are too large to time here, and their rough estimates assume"
                        + " the same FLOPs per second";
        return new TextTable(columns, rows).plain()
                + "\n"
                + runs(estimate) + ", about " + duration(estimate.seconds())
                + " of training on this machine at its current load (" + timed + ")\n"
                + "Evaluations take additional time, possibly more than training: up to " + measured.rows()
                + " rows in each evaluation of a model"
                + (measured.gains().isPresent() ? ", and the gains of recursions" : "") + "\n"
                + misfits(estimate);
    }

    private static String runs(StudyEstimate estimate) {
        long done = estimate.runs().stream().filter(run -> run.seconds() == 0).count();
        return estimate.runs().size() + " runs" + (done == 0 ? "" : ", " + done + " of them done");
    }

    /// Lists runs whose number of tokens does not match their model's size; empty if there are none.
    private static String misfits(StudyEstimate estimate) {
        List<String> misfits = estimate.runs().stream()
                .flatMap(run -> run.misfit().stream().map(what -> "- " + run.id() + " " + what))
                .toList();
        if (misfits.isEmpty()) {
            return "";
        }
        String more = misfits.size() > MAX_MISFITS ? "- and " + (misfits.size() - MAX_MISFITS) + " more\n" : "";
        return "\nAbout 20 tokens per non-embedding parameter are best. Runs far from 20:\n"
                + String.join("\n", misfits.subList(0, Math.min(MAX_MISFITS, misfits.size()))) + "\n" + more;
    }

    private static String duration(double seconds) {
        return NumberFormats.duration(Math.round(seconds));
    }
}
