package dev.saiki.eval.pilot;

import dev.saiki.eval.pilot.PilotResult.Model;
import dev.saiki.eval.report.Numbers;
import dev.saiki.eval.report.ReportSection.Column;
import dev.saiki.eval.report.TextTable;
import java.util.ArrayList;
import java.util.List;

/// The numbers of a pilot as a table.
public final class PilotTable {

    private static final String NONE = "–";

    private PilotTable() {}

    /// Returns the heads of the columns; the first one names the row.
    ///
    /// @return titles with units
    public static List<Column> columns() {
        return List.of(
                new Column("Model", ""),
                new Column("NLL", "nats/token"),
                new Column("± SE", ""),
                new Column("Bits", "per byte"),
                new Column("Mean depth", "recursions"),
                new Column("FLOPs", "per token"),
                new Column("Cache", "bytes/token"),
                new Column("Parameters", "non-embedding"),
                new Column("Trained on", "tokens"),
                new Column("Training", "minutes"));
    }

    /// Returns the rows: the three models and the unigram model.
    ///
    /// @param result a pilot's result
    /// @return cells, as many as columns
    public static List<List<String>> rows(PilotResult result) {
        List<List<String>> rows = new ArrayList<>();
        for (Model model : result.models()) {
            rows.add(List.of(
                    model.name(),
                    Numbers.fixed(model.nll(), 3),
                    Numbers.fixed(model.nllStandardError(), 3),
                    Numbers.fixed(model.bitsPerByte(), 3),
                    Numbers.fixed(model.meanDepth(), 2),
                    Numbers.metric(model.flopsPerToken()),
                    Numbers.fixed(model.cacheBytesPerToken(), 0),
                    Numbers.metric(model.nonEmbeddingParameters()),
                    Numbers.metric(model.trainingTokens()),
                    Numbers.fixed(model.trainingSeconds() / 60, 1)));
        }
        rows.add(List.of(
                "unigram",
                Numbers.fixed(result.unigram().nll(), 3),
                Numbers.fixed(result.unigram().nllStandardError(), 3),
                Numbers.fixed(result.unigram().bitsPerByte(), 3),
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
                NONE));
        return rows;
    }

    /// Writes the table for a terminal.
    ///
    /// @param result a pilot's result
    /// @return lines of equal width, the last one ended too
    public static String plain(PilotResult result) {
        return new TextTable(columns(), rows(result)).plain();
    }

    /// Writes the table as Markdown.
    ///
    /// @param result a pilot's result
    /// @return lines, the last one ended too
    public static String markdown(PilotResult result) {
        return new TextTable(columns(), rows(result)).markdown();
    }
}
