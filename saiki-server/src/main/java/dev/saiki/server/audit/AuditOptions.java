package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The options of the audit.
///
/// @param database where records are kept for good
/// @param spool folder in which they wait on disk until they are there
/// @param spoolBytes most bytes that wait
/// @param required whether a request is refused, with status 503, when its record could not be kept; otherwise it is
///     answered, and records that are lost are counted
/// @param texts whether prompts, answers and the depth of each token are kept too; depths can reveal what was written
/// @param retention how old a record may become before it is deleted; empty for any age
public record AuditOptions(
        AuditLocation database,
        Path spool,
        long spoolBytes,
        boolean required,
        boolean texts,
        Optional<Duration> retention) {

    /// Most bytes that wait unless another bound is chosen: some 60,000 records without texts.
    public static final long DEFAULT_SPOOL_BYTES = 64L << 20;

    /// The least bound that can be chosen.
    public static final long LEAST_SPOOL_BYTES = 1 << 20;

    /// The longest time that records can be kept before they are deleted.
    public static final Duration LONGEST_RETENTION = Duration.ofDays(36_500);

    /// Checks the bounds.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public AuditOptions {
        retention.ifPresent(age -> {
            if (age.compareTo(Duration.ofDays(1)) < 0 || age.compareTo(LONGEST_RETENTION) > 0) {
                throw new InputException("the audit must keep records from 1 to " + LONGEST_RETENTION.toDays()
                        + " days, got " + age.toDays());
            }
        });
        if (spoolBytes < LEAST_SPOOL_BYTES) {
            throw new InputException(
                    "the audit spool must have at least " + LEAST_SPOOL_BYTES + " bytes, got " + spoolBytes);
        }
    }

    /// Keeps no texts, answers even if a record is lost, and deletes nothing.
    ///
    /// @param database where records are kept
    /// @return the options
    public static AuditOptions of(AuditLocation database) {
        return new AuditOptions(database, database.usualSpool(), DEFAULT_SPOOL_BYTES, false, false, Optional.empty());
    }

    /// Replaces where and how much may wait.
    ///
    /// @param folder for what waits
    /// @param bytes at most
    /// @return changed options
    public AuditOptions withSpool(Path folder, long bytes) {
        return new AuditOptions(database, folder, bytes, required, texts, retention);
    }

    /// Replaces whether a request is refused rather than answered without a record.
    ///
    /// @param refuse whether it is
    /// @return changed options
    public AuditOptions withRequired(boolean refuse) {
        return new AuditOptions(database, spool, spoolBytes, refuse, texts, retention);
    }

    /// Replaces whether texts are kept.
    ///
    /// @param keep whether they are
    /// @return changed options
    public AuditOptions withTexts(boolean keep) {
        return new AuditOptions(database, spool, spoolBytes, required, keep, retention);
    }

    /// Replaces how old a record may become.
    ///
    /// @param age after which it is deleted
    /// @return changed options
    public AuditOptions withRetention(Duration age) {
        return new AuditOptions(database, spool, spoolBytes, required, texts, Optional.of(age));
    }
}
