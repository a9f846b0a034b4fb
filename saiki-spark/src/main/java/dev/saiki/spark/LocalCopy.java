package dev.saiki.spark;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/// A source as a local file: the source itself if it is local, otherwise a copy that is deleted on closing.
///
/// Parquet needs random access, and a JSON line may be long. A complete copy is simpler than a stream, and works
/// with the readers of `saiki-text`.
final class LocalCopy implements AutoCloseable {

    private static final String LOCAL = SourceFiles.LOCAL + ":";

    private final Path file;
    private final boolean copied;

    private LocalCopy(Path file, boolean copied) {
        this.file = file;
        this.copied = copied;
    }

    /// Opens a source.
    ///
    /// @throws InputException if the source cannot be read
    static LocalCopy of(String uri, Configuration settings) {
        if (uri.startsWith(LOCAL)) {
            return new LocalCopy(Path.of(uri.substring(LOCAL.length())), false);
        }
        org.apache.hadoop.fs.Path remote = new org.apache.hadoop.fs.Path(uri);
        try {
            FileSystem files = remote.getFileSystem(settings);
            Path folder = Files.createTempDirectory("saiki-source");
            Path copy = folder.resolve(remote.getName());
            try (InputStream input = files.open(remote)) {
                Files.copy(input, copy);
            }
            return new LocalCopy(copy, true);
        } catch (IOException e) {
            throw new InputException(uri + ": cannot be read: " + e.getMessage(), e);
        }
    }

    Path file() {
        return file;
    }

    @Override
    public void close() throws IOException {
        if (copied) {
            Files.deleteIfExists(file);
            Path folder = file.getParent();
            if (folder != null) {
                Files.deleteIfExists(folder);
            }
        }
    }
}
