package dev.saiki.study.results;

import dev.saiki.eval.RecordFormat;
import java.io.IOException;
import java.nio.file.Path;

/// The file `study.json`, from which a study resumes and a report is made.
public final class StudyResultsFile {

    /// The version of the format.
    public static final int VERSION = 5;

    /// The name of the file in the study's folder.
    public static final String NAME = "study.json";

    private static final RecordFormat<StudyResults> FORMAT = new RecordFormat<>(
            StudyResults.class,
            "the results of a study",
            "`saiki study` writes it after the first run of a study",
            VERSION);

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
}
