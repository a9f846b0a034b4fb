package dev.saiki.checkpoint.provenance;

import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;

/// The teacher model of a training run, in its state at the start of the run.
///
/// @param path the teacher's folder at the start of the run
/// @param contentHash SHA-256 of the teacher's configuration and tensors
/// @param dataHash hash of the token ids of the text on which the teacher teaches
public record TeacherOrigin(String path, String contentHash, String dataHash) {

    /// Writes a file that {@link #read} reads.
    ///
    /// @param file the file
    /// @throws IOException if the file cannot be written
    public void write(Path file) throws IOException {
        JsonFiles.write(file, Provenance.json(this));
    }

    /// Reads a file.
    ///
    /// @param file the file
    /// @return the teacher
    /// @throws InputException if the file is missing or malformed
    public static TeacherOrigin read(Path file) {
        return JsonFiles.read(file, Provenance::teacherOf);
    }
}
