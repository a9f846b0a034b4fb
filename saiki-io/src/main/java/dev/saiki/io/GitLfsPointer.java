package dev.saiki.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A Git LFS pointer: a small text file that stands for a large file until the large file is fetched.
public final class GitLfsPointer {

    private static final String BEGINNING = "version https://git-lfs";

    private GitLfsPointer() {}

    /// Throws an exception if a file is a pointer.
    ///
    /// @param file a model, or a part of one
    /// @throws InputException if the file is a pointer
    /// @throws IOException if the file cannot be read
    public static void refuse(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(BEGINNING.length());
            if (new String(head, StandardCharsets.ISO_8859_1).equals(BEGINNING)) {
                throw new InputException(
                        file + ": a Git LFS pointer instead of the file; fetch the file with git lfs pull");
            }
        }
    }
}
