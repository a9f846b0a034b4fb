package dev.saiki.cli.terminal;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Checks of where a command is about to write, before it has worked for an hour.
public final class OutputPaths {

    private static final int ATTEMPTS = 20;

    /// Ends the name of the lock of a dataset that is being written.
    private static final String LOCK_SUFFIX = ".lock";

    private OutputPaths() {}

    /// Refuses a place where no file can be made, by making one in the folder, or in the nearest one that exists.
    ///
    /// @param output the file or folder that a command will write
    public static void requireWritable(Path output) {
        @Nullable Path folder = output.toAbsolutePath().normalize();
        while (folder != null && !Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (folder == null) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            if (!folder.equals(output.toAbsolutePath().normalize())) {
                throw new InputException(output + ": cannot be written, since " + folder + " is a file; choose another"
                        + " place");
            }
            folder = folder.getParent();
        }
        try {
            Files.delete(Files.createTempFile(folder, ".saiki", AtomicFiles.TEMPORARY_SUFFIX));
        } catch (IOException e) {
            throw new InputException(
                    output + ": cannot be written, since " + folder + " takes no new file (" + reason(e)
                            + "); change its permissions, or choose another place",
                    e);
        }
    }

    /// Removes what an atomic writing of this file or folder leaves beside it when the process ends amid it. The writer
    /// may still be at work, so that a folder may fill again.
    public static void removeUnfinished(Path output) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                AtomicFiles.deleteRecursively(AtomicFiles.temporary(output));
                Path lock = Path.of(output + LOCK_SUFFIX);
                if (Files.exists(lock.resolve(DirectoryLock.FILE_NAME))) {
                    AtomicFiles.deleteRecursively(lock);
                }
                return;
            } catch (IOException stillWritten) {
                // Tried again.
            }
        }
    }

    private static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException named when named.getReason() != null -> named.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }

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
