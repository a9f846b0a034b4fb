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

    @Option(names = "--audit", paramLabel = "FILE|URL")
    private @Nullable String audit;

    @Option(names = "--audit-spool", paramLabel = "DIR")
    private @Nullable Path spool;

    @Option(names = "--audit-spool-mib", paramLabel = "N")
    private int spoolMib = 64;

    @Option(names = "--audit-required")
    private boolean required;

    @Option(names = "--audit-texts")
    private boolean texts;

    @Option(names = "--audit-retention-days", paramLabel = "N")
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
