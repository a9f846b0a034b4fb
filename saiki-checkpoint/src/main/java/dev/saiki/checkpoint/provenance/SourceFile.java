package dev.saiki.checkpoint.provenance;

import dev.saiki.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file, identified by its content.
///
/// @param name the file name, without its folder
/// @param bytes the length of the file
/// @param sha256 SHA-256 of the content, 64 hexadecimal digits
public record SourceFile(String name, long bytes, String sha256) {

    /// Reads a file.
    ///
    /// @param file the file
    /// @return the file's name and the digest of its content
    /// @throws IOException if the file cannot be read
    public static SourceFile of(Path file) throws IOException {
        return new SourceFile(String.valueOf(file.getFileName()), Files.size(file), Sha256.hex(file));
    }
}
