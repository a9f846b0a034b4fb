package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;

/// A source as a local file: the source itself if it is a whole local file, otherwise a copy that is deleted on
/// closing.
///
/// Parquet needs random access, and a JSON line may be long. A complete copy is simpler than a stream, and works
/// with the readers of `saiki-text`.
final class LocalCopy implements AutoCloseable {

    private static final String LOCAL = SourceFiles.LOCAL + ":";
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final boolean copied;

    private LocalCopy(Path file, boolean copied) {
        this.file = file;
        this.copied = copied;
    }

    /// Opens a source.
    ///
    /// @throws InputException if the source cannot be read
    static LocalCopy of(InputPart part, Configuration settings) {
        if (part.isWhole() && part.uri().startsWith(LOCAL)) {
            return new LocalCopy(Path.of(part.uri().substring(LOCAL.length())), false);
        }
        org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(part.uri());
        try (FSDataInputStream input = source.getFileSystem(settings).open(source)) {
            Path copy = Files.createTempDirectory("saiki-source").resolve(source.getName());
            if (part.isWhole()) {
                Files.copy(input, copy);
            } else {
                try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(copy))) {
                    copyLines(input, part.from(), part.to(), output);
                }
            }
            return new LocalCopy(copy, true);
        } catch (IOException e) {
            throw new InputException(part.uri() + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// Copies the lines that begin at a byte of a range.
    private static void copyLines(FSDataInputStream file, long from, long to, OutputStream output) throws IOException {
        file.seek(Math.max(0, from - 1));
        InputStream input = new BufferedInputStream(file, BUFFER_BYTES);
        long at = from == 0 ? 0 : from - 1 + copyLine(input, OutputStream.nullOutputStream());
        while (at < to) {
            long copied = copyLine(input, output);
            if (copied == 0) {
                return;
            }
            at += copied;
        }
    }

    /// Copies bytes until the end of a line, and returns their number; 0 at the end of the file.
    private static long copyLine(InputStream input, OutputStream output) throws IOException {
        long copied = 0;
        for (int next = input.read(); next >= 0; next = input.read()) {
            output.write(next);
            copied++;
            if (next == '\n') {
                break;
            }
        }
        return copied;
    }

    /// The SHA-256 of the whole file of a source, in hexadecimal digits.
    static String sha256(InputPart part, Configuration settings) {
        org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(part.uri());
        MessageDigest digest = Sha256.digest();
        try (FSDataInputStream input = source.getFileSystem(settings).open(source)) {
            input.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        } catch (IOException e) {
            throw new InputException(part.uri() + ": cannot be read: " + e.getMessage(), e);
        }
        return HexFormat.of().formatHex(digest.digest());
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
