package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.nio.file.Path;

/// How requests are audited.
///
/// @param database where records are kept for good
/// @param spool folder in which they wait on disk until they are there
/// @param spoolBytes most bytes that wait
/// @param required whether a request is refused, with status 503, when its record could not be kept; otherwise it is
///     answered, and records that are lost are counted
/// @param texts whether prompts, answers and the depth of each token are kept too; depths can reveal what was written
public record AuditOptions(AuditLocation database, Path spool, long spoolBytes, boolean required, boolean texts) {

    /// Most bytes that wait unless another bound is chosen: some 60,000 records without texts.
    public static final long DEFAULT_SPOOL_BYTES = 64L << 20;

    /// The least bound that can be chosen.
    public static final long LEAST_SPOOL_BYTES = 1 << 20;

    /// Checks the bound.
    ///
    /// @throws InputException naming what is allowed, and what was got
    public AuditOptions {
        if (spoolBytes < LEAST_SPOOL_BYTES) {
            throw new InputException(
                    "the audit spool must have at least " + LEAST_SPOOL_BYTES + " bytes, got " + spoolBytes);
        }
    }

    /// Keeps no texts, and answers even if a record is lost.
    ///
    /// @param database where records are kept
    /// @return the options
    public static AuditOptions of(AuditLocation database) {
        return new AuditOptions(database, database.usualSpool(), DEFAULT_SPOOL_BYTES, false, false);
    }

    /// Replaces where and how much may wait.
    ///
    /// @param folder for what waits
    /// @param bytes at most
    /// @return changed options
    public AuditOptions withSpool(Path folder, long bytes) {
        return new AuditOptions(database, folder, bytes, required, texts);
    }

    /// Replaces whether a request is refused rather than answered without a record.
    ///
    /// @param refuse whether it is
    /// @return changed options
    public AuditOptions withRequired(boolean refuse) {
        return new AuditOptions(database, spool, spoolBytes, refuse, texts);
    }

    /// Replaces whether texts are kept.
    ///
    /// @param keep whether they are
    /// @return changed options
    public AuditOptions withTexts(boolean keep) {
        return new AuditOptions(database, spool, spoolBytes, required, keep);
    }
}
