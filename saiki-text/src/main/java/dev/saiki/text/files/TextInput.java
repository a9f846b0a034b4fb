package dev.saiki.text.files;

import com.github.luben.zstd.ZstdInputStream;
import dev.saiki.io.InputException;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/// An input stream of a text file, decompressed according to the end of its name.
public final class TextInput {

    private static final int BUFFER_BYTES = 1 << 16;

    private TextInput() {}

    public static InputStream open(Path file) {
        try {
            InputStream raw = Files.newInputStream(file);
            try {
                return unpacked(raw, file.toString());
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such file", e);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    public static InputStream unpacked(InputStream raw, String name) throws IOException {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".gz")) {
            return new GZIPInputStream(raw, BUFFER_BYTES);
        }
        return lower.endsWith(".zst") ? new ZstdInputStream(new BufferedInputStream(raw, BUFFER_BYTES)) : raw;
    }

    /// Closes an input.
    ///
    /// @param input the input
    /// @param name the name of the file, for messages
    public static void close(Closeable input, String name) {
        try {
            input.close();
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /// The exception for a failed read, usually caused by a damaged or truncated compressed file.
    public static InputException unreadable(String name, IOException cause) {
        return new InputException(name + ": cannot be read: " + cause.getMessage(), cause);
    }
}
