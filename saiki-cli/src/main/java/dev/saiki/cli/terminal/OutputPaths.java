package dev.saiki.cli.terminal;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Checks of where a command is about to write, before it has worked for an hour.
public final class OutputPaths {

    private OutputPaths() {}

    /// Refuses a file that is a folder.
    public static void requireFile(Path file) {
        requireFile(file, "--out");
    }

    /// Refuses a file that is a folder.
    public static void requireFile(Path file, String option) {
        if (Files.isDirectory(file)) {
            throw InputException.of(file.toString(), option, "a file", "a folder");
        }
    }

    /// Refuses a folder that is one that is only read, or in it.
    public static void requireOutside(Path folder, Path input) throws IOException {
        if (real(folder).startsWith(real(input))) {
            throw InputException.of(folder.toString(), "--out", "outside " + input + ", which is only read", folder);
        }
    }

    /// Where a path leads, as far as it exists.
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        @Nullable Path existing = absolute;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing == null ? absolute : existing.toRealPath().resolve(existing.relativize(absolute));
    }

    /// Refuses a file that is there already, since a new one would take its place.
    public static void requireNewFile(Path file) {
        requireFile(file);
        if (Files.exists(file)) {
            throw new InputException(file + ": the file exists already; choose another name, or remove it yourself");
        }
    }

    /// Refuses a folder that holds something, since a new one would take its place.
    public static void requireNewOrEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw InputException.of(folder.toString(), "--out", "a folder", "a file");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new InputException(
                        folder + ": the folder is not empty; choose another, or remove this one yourself");
            }
        }
    }
}
