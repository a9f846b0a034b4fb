package dev.saiki.cli.audit;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditDatabase;
import dev.saiki.server.audit.AuditFilter;
import dev.saiki.server.audit.AuditJson;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.server.audit.AuditSummary;
import dev.saiki.server.audit.AuditTimes;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.audit.Erasure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki audit records`: the requests that a server has recorded.
@Command(name = "records")
public final class AuditRecordsCommand extends JsonCommand {

    @Option(names = "--audit", paramLabel = "FILE|URL", required = true)
    private String audit = "";

    @Option(names = "--audit-spool", paramLabel = "DIR")
    private @Nullable Path spool;

    @Option(names = "--since", paramLabel = "TIME")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME")
    private @Nullable String until;

    @Option(names = "--subject", paramLabel = "NAME")
    private @Nullable String subject;

    @Option(names = "--model", paramLabel = "NAME")
    private @Nullable String model;

    @Option(names = "--status", paramLabel = "N")
    private @Nullable Integer status;

    @Option(names = "--limit", paramLabel = "N")
    private int limit = AuditFilter.DEFAULT_LIMIT;

    @Option(names = "--summary")
    private boolean summary;

    @Option(names = "--delete-before", paramLabel = "TIME")
    private @Nullable String deleteBefore;

    @Option(names = "--erase", paramLabel = "NAME")
    private @Nullable String erase;

    @Option(names = "--anonymise", paramLabel = "NAME")
    private @Nullable String anonymise;

    @Override
    protected void run() throws IOException {
        AuditLocation location = AuditLocation.parse(audit);
        AuditFilter filter = filter();
        requireOneTask();
        location.requirePossible(false);
        try (AuditDatabase database = AuditDatabase.open(location)) {
            replay(location, database);
            run(database, filter);
        } catch (SQLException e) {
            throw new InputException(location + ": " + e.getMessage(), e);
        }
    }

    private AuditFilter filter() {
        return AuditFilter.ALL
                .between(time("--since", since), time("--until", until))
                .of(Optional.ofNullable(subject))
                .answered(Optional.ofNullable(model), Optional.ofNullable(status))
                .page(Optional.empty(), limit);
    }

    private void requireOneTask() {
        long tasks = Stream.of(summary, deleteBefore != null, erase != null, anonymise != null)
                .filter(wanted -> wanted)
                .count();
        if (tasks > 1) {
            throw new InputException(
                    "--summary, --delete-before, --erase and --anonymise cannot be combined; give one of them");
        }
        boolean narrows = Stream.of(since, until, subject, model, status).anyMatch(given -> given != null);
        if (narrows && (deleteBefore != null || erase != null || anonymise != null)) {
            throw new InputException(
                    "--delete-before, --erase and --anonymise cannot be combined with --since, --until, --subject,"
                            + " --model or --status");
        }
    }

    /// Moves into the database the records that a killed server left in its spool; a running server moves its
    /// records itself.
    private void replay(AuditLocation location, AuditDatabase database) throws IOException, SQLException {
        Path folder = spool == null ? location.defaultSpool() : spool;
        if (!Files.isDirectory(folder)) {
            return;
        }
        try {
            long count = AuditTrail.replay(
                    AuditOptions.of(location).withSpool(folder, AuditOptions.DEFAULT_SPOOL_BYTES), database);
            if (count > 0) {
                note("moved " + count + " records into the database from " + folder);
            }
        } catch (InputException e) {
            note("a server is running: its newest records may not be in the database yet");
        }
    }

    private void run(AuditDatabase database, AuditFilter filter) throws SQLException {
        AuditRecordTable table = new AuditRecordTable(console.out());
        if (deleteBefore != null) {
            changed("deleted", database.deleteBefore(AuditTimes.parse("--delete-before", deleteBefore)));
        } else if (erase != null) {
            changed("erased", database.erase(erase, Erasure.REMOVE));
        } else if (anonymise != null) {
            changed("anonymised", database.erase(anonymise, Erasure.ANONYMISE));
        } else if (summary) {
            List<AuditSummary> lines = database.summary(filter);
            printLines(lines.stream().map(AuditJson::of), () -> table.printSummary(lines));
        } else {
            List<AuditRecord> records = database.find(filter);
            printLines(records.stream().map(AuditJson::of), () -> table.printRecords(records));
        }
    }

    private void changed(String what, long count) {
        printLine(() -> JsonOutput.object().put(what, count), () -> println(what + " " + count + " records"));
    }

    private static Optional<Instant> time(String option, @Nullable String given) {
        return Optional.ofNullable(given).map(text -> AuditTimes.parse(option, text));
    }
}
