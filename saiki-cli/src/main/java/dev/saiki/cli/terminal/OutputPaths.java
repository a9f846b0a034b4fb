package dev.saiki.cli.terminal;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

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
