package dev.saiki.cli.audit;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.server.audit.AuditSummary;
import dev.saiki.server.audit.Spending;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Audit records in readable form.
record AuditRecordTable(PrintStream out) {

    private static final String RECORD = "%-20s  %-12s  %-22s  %6s  %7s  %7s  %5s  %6s  %9s  %s%n";
    private static final String SUMMARY = "%-10s  %-16s  %8s  %8s  %10s  %10s  %5s  %9s  %6s%n";
    private static final String UNKNOWN = "-";

    /// Prints one line per request.
    void printRecords(List<AuditRecord> records) {
        out.printf(RECORD, "time", "subject", "path", "status", "prompt", "written", "depth", "saved", "ms", "finish");
        for (AuditRecord record : records) {
            Optional<Spending> spending = record.spending();
            out.print(NumberFormats.text(
                    RECORD,
                    record.time().truncatedTo(ChronoUnit.SECONDS),
                    record.subject().orElse(UNKNOWN),
                    record.path(),
                    record.status(),
                    spending.map(cost -> String.valueOf(cost.promptTokens())).orElse(UNKNOWN),
                    spending.map(cost -> String.valueOf(cost.completionTokens()))
                            .orElse(UNKNOWN),
                    spending.flatMap(AuditRecordTable::meanDepth)
                            .map(AuditRecordTable::depth)
                            .orElse(UNKNOWN),
                    spending.map(cost -> saved((double) cost.flops(), (double) cost.flopsSaved()))
                            .orElse(UNKNOWN),
                    NumberFormats.text("%.1f", record.timing().total()),
                    record.error().or(record::finishReason).orElse(UNKNOWN)));
        }
    }

    /// Prints one line per subject and day.
    void printSummary(List<AuditSummary> lines) {
        out.printf(SUMMARY, "day", "subject", "requests", "failures", "prompt", "written", "depth", "FLOPs", "saved");
        for (AuditSummary line : lines) {
            out.print(NumberFormats.text(
                    SUMMARY,
                    line.day(),
                    line.subject().orElse(UNKNOWN),
                    line.requests(),
                    line.failures(),
                    line.promptTokens(),
                    line.completionTokens(),
                    line.meanDepth().map(AuditRecordTable::depth).orElse(UNKNOWN),
                    NumberFormats.text("%.2e", line.flops()),
                    saved(line.flops(), line.flopsSaved())));
        }
    }

    private static String depth(double mean) {
        return NumberFormats.text("%.2f", mean);
    }

    private static String saved(double flops, double saved) {
        return flops + saved == 0 ? UNKNOWN : NumberFormats.text("%.1f%%", 100 * saved / (flops + saved));
    }

    private static Optional<Double> meanDepth(Spending spending) {
        List<Long> tokens = spending.tokensAtDepth();
        long all = tokens.stream().mapToLong(Long::longValue).sum();
        double sum = IntStream.range(0, tokens.size())
                .mapToDouble(step -> (double) (step + 1) * tokens.get(step))
                .sum();
        return all == 0 ? Optional.empty() : Optional.of(sum / all);
    }
}
