package dev.saiki.text.files;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// A reader of whole files up to a size limit.
public final class BoundedFiles {

    private BoundedFiles() {}

    /// Reads a file that the user named.
    ///
    /// @throws InputException if the file is missing, not a regular file, unreadable or larger than the limit
    public static byte[] read(Path given, int limit) {
        Path file = Storage.local(given);
        InputException.require(!Files.isDirectory(file), file + ":", "a file", "a folder");
        try (InputStream input = Files.newInputStream(file)) {
            byte[] bytes = input.readNBytes(limit + 1);
            InputException.require(
                    bytes.length <= limit, file.toString(), "the file", "at most " + limit + " bytes long", "more");
            return bytes;
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file" + Suggestions.forMissing(file), e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
