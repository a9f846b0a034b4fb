package dev.saiki.cli.serving;

import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditLocation;
import dev.saiki.server.audit.AuditOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of a server's audit.
final class AuditFlags {

    private static final int BYTES_A_MIB = 1 << 20;

    @Option(
            names = "--audit",
            paramLabel = "FILE|URL",
            description = "Keep a record of each request in this SQLite file, or in PostgreSQL at"
                    + " jdbc:postgresql://HOST/DATABASE (default: no record is kept).")
    private @Nullable String audit;

    @Option(
            names = "--audit-spool",
            paramLabel = "DIR",
            description = "Folder for records that the database does not have yet (default: FILE.spool, or "
                    + "./saiki-audit.spool for PostgreSQL).")
    private @Nullable Path spool;

    @Option(
            names = "--audit-spool-mib",
            paramLabel = "N",
            description = "Size limit of the spool folder in MiB; further records are dropped and counted.")
    private int spoolMib = 64;

    @Option(names = "--audit-required", description = "Refuse requests with status 503 if they cannot be recorded.")
    private boolean required;

    @Option(
            names = "--audit-texts",
            description = "Also record prompts, answers and the depth of each token; depths can reveal the text.")
    private boolean texts;

    @Option(
            names = "--audit-retention-days",
            paramLabel = "N",
            description = "Delete records older than this many days (default: keep all).")
    private @Nullable Integer retentionDays;

    /// The audit's settings from the command line.
    ///
    /// @return empty if there is no audit
    Optional<AuditOptions> options() {
        if (audit == null) {
            if (spool != null || required || texts || retentionDays != null) {
                throw new InputException(
                        "--audit-spool, --audit-required, --audit-texts and --audit-retention-days need --audit");
            }
            return Optional.empty();
        }
        AuditLocation location = AuditLocation.parse(audit);
        AuditOptions options = AuditOptions.of(location)
                .withSpool(spool == null ? location.defaultSpool() : spool, (long) spoolMib * BYTES_A_MIB)
                .withRequired(required)
                .withTexts(texts);
        return Optional.of(retentionDays == null ? options : options.withRetention(Duration.ofDays(retentionDays)));
    }
}
