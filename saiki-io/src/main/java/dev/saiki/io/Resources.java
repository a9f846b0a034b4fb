package dev.saiki.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// The reader of modules' resource files. The caller opens the file, since only code in the same module can find
/// it.
public final class Resources {

    private Resources() {}

    /// Reads and closes a file.
    ///
    /// @param resource the stream from `Class.getResourceAsStream`
    /// @param name the name of the file, for the exception if it is missing
    /// @return the bytes of the file
    public static byte[] bytes(@Nullable InputStream resource, String name) {
        try (InputStream open = Objects.requireNonNull(resource, name)) {
            return open.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /// Reads and closes a file of text.
    ///
    /// @param resource the stream from `Class.getResourceAsStream`
    /// @param name the name of the file, for the exception if it is missing
    /// @return the text of the file
    public static String text(@Nullable InputStream resource, String name) {
        return new String(bytes(resource, name), StandardCharsets.UTF_8);
    }

    /// Reads and closes a file of properties.
    ///
    /// @param resource the stream from `Class.getResourceAsStream`
    /// @param name the name of the file, for the exception if it is missing
    /// @return the properties in the file
    public static Properties properties(@Nullable InputStream resource, String name) {
        try (Reader reader = new StringReader(text(resource, name))) {
            Properties properties = new Properties();
            properties.load(reader);
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
