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

/// Checks of a command's output paths, made before hours of work.
public final class OutputPaths {

    private static final int ATTEMPTS = 20;

    /// The suffix of the lock of a dataset that is being written.
    private static final String LOCK_SUFFIX = ".lock";

    private OutputPaths() {}

    /// Rejects a path in an unwritable folder; tries to create a file in the folder or, if the folder does
    /// not exist, in its nearest existing parent.
    ///
    /// @param output the file or folder to be written
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
                throw new InputException(
                        output + ": cannot be written, since " + folder + " is a file; choose another" + " place");
            }
            folder = folder.getParent();
        }
        try {
            Files.delete(Files.createTempFile(folder, ".saiki", AtomicFiles.TEMPORARY_SUFFIX));
        } catch (IOException e) {
            throw new InputException(
                    output + ": cannot be written, since no file can be created in " + folder + " (" + reason(e)
                            + "); change its permissions, or choose another place",
                    e);
        }
    }

    /// Whether no other process is writing an output: there is neither temporary content nor a lock beside it.
    public static boolean isUntouched(Path output) {
        return !Files.exists(AtomicFiles.temporary(output)) && !Files.exists(Path.of(output + LOCK_SUFFIX));
    }

    /// Removes the temporary files that an atomic write of this file or folder leaves if the process ends midway.
    /// Retries, since the writer may still be adding files.
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
                // The loop tries again.
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

    /// Rejects a folder where a file is required.
    public static void requireFile(Path file, String option) {
        InputException.require(!Files.isDirectory(file), file.toString(), option, "a file", "a folder");
    }

    /// Rejects a folder that is a read-only input or lies inside one.
    public static void requireOutside(Path folder, Path input) throws IOException {
        if (real(folder).startsWith(real(input))) {
            throw InputException.of(folder.toString(), "--out", "outside " + input + ", which is only read", folder);
        }
    }

    /// The real path, as far as it exists.
    private static Path real(Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        @Nullable Path existing = absolute;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        return existing == null ? absolute : existing.toRealPath().resolve(existing.relativize(absolute));
    }

    /// Rejects an existing file, which would be overwritten.
    public static void requireNewFile(Path file) {
        if (Files.exists(file)) {
            throw new InputException(file + ": the file exists already; choose another name, or remove it yourself");
        }
    }

    /// Rejects a folder that is not empty, which would be overwritten.
    public static void requireNewOrEmpty(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        InputException.require(Files.isDirectory(folder), folder.toString(), "--out", "a folder", "a file");
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                throw new InputException(
                        folder + ": the folder is not empty; choose another folder, or remove this one yourself");
            }
        }
    }
}
