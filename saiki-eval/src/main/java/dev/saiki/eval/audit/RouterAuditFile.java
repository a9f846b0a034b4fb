package dev.saiki.eval.audit;

import dev.saiki.eval.RecordFormat;
import dev.saiki.eval.RecordJson;
import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;

/// The JSON file of a router audit.
public final class RouterAuditFile {

    /// The version of the format that this code reads and writes.
    public static final int VERSION = 2;

    private static final RecordFormat<RouterAudit> FORMAT =
            new RecordFormat<>(RouterAudit.class, "a router audit", "`saiki audit router --out` writes it", VERSION);

    private RouterAuditFile() {}

    /// Reads an audit.
    ///
    /// @param file the JSON file
    /// @return the audit
    /// @throws dev.saiki.io.InputException if the file is missing, is no audit, or has another format version
    /// @throws IOException if the file cannot be read
    public static RouterAudit read(Path file) throws IOException {
        return FORMAT.read(file);
    }

    /// Writes an audit.
    ///
    /// @param audit the audit
    /// @param file the file to write
    /// @throws IOException if the file cannot be written
    public static void write(RouterAudit audit, Path file) throws IOException {
        AtomicFiles.writeString(file, json(audit) + "\n");
    }

    /// Returns an audit as JSON.
    ///
    /// @param audit the audit
    /// @return an indented document
    public static String json(RouterAudit audit) {
        return RecordJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(audit);
    }
}
