package dev.saiki.study.results;

import dev.saiki.eval.RecordFormat;
import java.io.IOException;
import java.nio.file.Path;
import tools.jackson.databind.node.ObjectNode;

/// The file `study.json`, from which a study resumes and a report is made.
public final class StudyResultsFile {

    /// The version of the format that this code writes; the three preceding versions can be read, too.
    public static final int VERSION = 5;

    private static final int OLDEST_VERSION = 2;

    /// The first version whose runs have gains.
    private static final int VERSION_OF_GAINS = 4;

    /// The name of the file in the study's folder.
    public static final String NAME = "study.json";

    private static final RecordFormat<StudyResults> FORMAT = new RecordFormat<>(
            StudyResults.class,
            "the results of a study",
            "`saiki study` writes it after the first run of a study",
            OLDEST_VERSION,
            VERSION,
            StudyResultsFile::upgrade);

    private StudyResultsFile() {}

    /// Reads results.
    ///
    /// @param file a `study.json`
    /// @return the results
    /// @throws dev.saiki.io.InputException if the file is missing, holds no study's results, or has another format
    ///     version
    /// @throws IOException if the file cannot be read
    public static StudyResults read(Path file) throws IOException {
        return FORMAT.read(file);
    }

    /// Writes results.
    ///
    /// @param results the results
    /// @param file the file to write
    /// @throws IOException if the file cannot be written
    public static void write(StudyResults results, Path file) throws IOException {
        FORMAT.write(results, file);
    }

    /// Adds the fields that older files lack.
    private static void upgrade(ObjectNode root) {
        int version = root.path("format_version").asInt();
        if (!root.has("budget_unit")) {
            root.putNull("budget_unit");
        }
        if (version == OLDEST_VERSION) {
            if (root.path("setting") instanceof ObjectNode setting) {
                setting.putNull("preset");
            }
            root.putNull("floor");
            root.putArray("written");
        }
        if (version < VERSION_OF_GAINS) {
            root.path("runs").forEach(run -> {
                if (run instanceof ObjectNode known) {
                    known.putNull("gains");
                }
            });
        }
    }
}
