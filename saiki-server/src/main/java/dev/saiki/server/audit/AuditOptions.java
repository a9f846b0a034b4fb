package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The options of the audit.
///
/// @param database where records are stored permanently
/// @param spool the folder on disk in which records wait for the database
/// @param spoolBytes the largest size of the spool
/// @param required whether a request is refused with status 503 if its record cannot be stored; otherwise the
///     request is answered, and lost records are counted
/// @param texts whether prompts, answers and the depth of each token are stored too; depths can reveal the text
/// @param retention the age at which records are deleted; empty to keep records forever
public record AuditOptions(
        AuditLocation database,
        Path spool,
        long spoolBytes,
        boolean required,
        boolean texts,
        Optional<Duration> retention) {

    /// The default limit of the spool in bytes: about 60,000 records without texts.
    public static final long DEFAULT_SPOOL_BYTES = 64L << 20;

    /// The smallest allowed limit of the spool.
    public static final long MIN_SPOOL_BYTES = 1 << 20;

    /// The longest retention time.
    public static final Duration MAX_RETENTION = Duration.ofDays(36_500);

    /// Checks the bounds.
    ///
    /// @throws InputException naming the allowed values and the given one
    public AuditOptions {
        retention.ifPresent(age -> {
            if (age.compareTo(Duration.ofDays(1)) < 0 || age.compareTo(MAX_RETENTION) > 0) {
                throw new InputException("the audit must keep records from 1 to " + MAX_RETENTION.toDays()
                        + " days, got " + age.toDays());
            }
        });
        InputException.require(
                spoolBytes >= MIN_SPOOL_BYTES, "the audit spool", "at least " + MIN_SPOOL_BYTES + " bytes", spoolBytes);
    }

    /// Creates options with the defaults: no texts are stored, requests are answered even if a record is lost, and
    /// nothing is deleted.
    ///
    /// @param database the database in which records are stored
    /// @return the options
    public static AuditOptions of(AuditLocation database) {
        return new AuditOptions(database, database.defaultSpool(), DEFAULT_SPOOL_BYTES, false, false, Optional.empty());
    }

    /// Replaces the spool's folder and limit.
    ///
    /// @param folder the folder of the spool
    /// @param bytes the largest size of the spool
    /// @return changed options
    public AuditOptions withSpool(Path folder, long bytes) {
        return new AuditOptions(database, folder, bytes, required, texts, retention);
    }

    /// Replaces the setting that decides whether a request is refused if its record cannot be stored.
    ///
    /// @param refuse whether to refuse the request
    /// @return changed options
    public AuditOptions withRequired(boolean refuse) {
        return new AuditOptions(database, spool, spoolBytes, refuse, texts, retention);
    }

    /// Replaces the setting that decides whether texts are stored.
    ///
    /// @param keep whether to store texts
    /// @return changed options
    public AuditOptions withTexts(boolean keep) {
        return new AuditOptions(database, spool, spoolBytes, required, keep, retention);
    }

    /// Replaces the retention time.
    ///
    /// @param age the age at which a record is deleted
    /// @return changed options
    public AuditOptions withRetention(Duration age) {
        return new AuditOptions(database, spool, spoolBytes, required, texts, Optional.of(age));
    }
}
