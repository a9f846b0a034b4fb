package dev.saiki.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Atomic writes of files and folders: a reader finds either the old content or the new content, never a
/// mixture.
///
/// The content is written to a sibling whose name ends in {@value #TEMPORARY_SUFFIX}, forced to disk, and renamed
/// to the target in one step. Then the parent folder is forced to disk, since otherwise the rename may be lost. A
/// failure, such as a full disk, removes the sibling and leaves the target unchanged. A folder cannot be renamed
/// to the name of a non-empty folder, so the old folder is first moved aside and is removed afterwards. A kill
/// between these two renames leaves the old content under a name that ends in {@value #PREVIOUS_SUFFIX};
/// {@link #recoverDirectory} restores it.
public final class AtomicFiles {

    /// The suffix of incomplete content.
    public static final String TEMPORARY_SUFFIX = ".tmp";

    /// The suffix of a folder's old content during its replacement.
    public static final String PREVIOUS_SUFFIX = ".previous";

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private AtomicFiles() {}

    /// A writer of a file's content.
    @FunctionalInterface
    public interface FileContent {
        /// Writes all of the content; the caller closes the stream.
        ///
        /// @param output the stream for the bytes
        /// @throws IOException if writing fails
        void writeTo(OutputStream output) throws IOException;
    }

    /// A writer of a folder's content.
    @FunctionalInterface
    public interface DirectoryContent {
        /// Writes all files of the folder.
        ///
        /// @param directory the folder, which exists and is empty
        /// @throws IOException if writing fails
        void writeTo(Path directory) throws IOException;
    }

    /// Writes or replaces a file; creates missing parent folders.
    ///
    /// @param target the file
    /// @param content writes the bytes
    /// @throws IOException if anything fails; the target is then unchanged
    public static void write(Path target, FileContent content) throws IOException {
        replace(target, temporary -> {
            try (FileChannel channel = FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE);
                    OutputStream output = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
                content.writeTo(output);
                output.flush();
                channel.force(true);
            }
        });
    }

    /// A method that writes the replacement of a file; the replacement is on disk when the method returns.
    @FunctionalInterface
    private interface Replacement {
        void writeTo(Path temporary) throws IOException;
    }

    private static void replace(Path target, Replacement replacement) throws IOException {
        Path parent = parentOf(target);
        Files.createDirectories(parent);
        Path temporary = temporary(target);
        try {
            replacement.writeTo(temporary);
            rename(temporary, target);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        force(parent);
    }

    /// Writes or replaces a UTF-8 text file. A new file is readable by its owner only, if the file system has
    /// permissions; a replaced file keeps its permissions, owner and group.
    ///
    /// @param target the file
    /// @param text the text
    /// @throws IOException if anything fails; the target is then unchanged
    public static void writePrivateString(Path target, String text) throws IOException {
        Path parent = parentOf(target);
        Files.createDirectories(parent);
        if (!Files.getFileStore(parent).supportsFileAttributeView("posix")) {
            writeString(target, text);
            return;
        }
        replace(target, temporary -> {
            Files.deleteIfExists(temporary);
            Files.createFile(temporary, PosixFilePermissions.asFileAttribute(PRIVATE));
            Files.writeString(temporary, text, StandardOpenOption.SYNC);
            if (Files.exists(target)) {
                copyOwnership(target, temporary);
            }
        });
    }

    private static void copyOwnership(Path from, Path to) throws IOException {
        PosixFileAttributes wanted = Files.readAttributes(from, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        PosixFileAttributes given = view.readAttributes();
        if (!given.owner().equals(wanted.owner())) {
            view.setOwner(wanted.owner());
        }
        if (!given.group().equals(wanted.group())) {
            view.setGroup(wanted.group());
        }
        view.setPermissions(wanted.permissions());
    }

    /// Writes or replaces a file of UTF-8 text.
    ///
    /// @param target the file
    /// @param text the text
    /// @throws IOException if anything fails; the target is then unchanged
    public static void writeString(Path target, String text) throws IOException {
        write(target, output -> output.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Writes or replaces a whole folder; creates missing parent folders.
    ///
    /// @param target the folder
    /// @param content fills a new folder
    /// @throws IOException if anything fails; the target is then unchanged
    public static void writeDirectory(Path target, DirectoryContent content) throws IOException {
        recoverDirectory(target);
        Path parent = parentOf(target);
        Files.createDirectories(parent);
        Path temporary = temporary(target);
        deleteRecursively(temporary);
        try {
            Files.createDirectory(temporary);
            content.writeTo(temporary);
            forceRecursively(temporary);
            Path previous = sibling(target, PREVIOUS_SUFFIX);
            boolean replaces = Files.exists(target);
            if (replaces) {
                rename(target, previous);
            }
            rename(temporary, target);
            force(parent);
            if (replaces) {
                deleteRecursively(previous);
            }
        } catch (IOException | RuntimeException | Error e) {
            deleteRecursively(temporary);
            recoverDirectory(target);
            throw e;
        }
    }

    /// Returns the path of a target's incomplete content.
    ///
    /// @param target the target passed to {@link #writeDirectory}
    /// @return the target's sibling
    public static Path temporary(Path target) {
        return sibling(target, TEMPORARY_SUFFIX);
    }

    /// Recovers from a kill inside {@link #writeDirectory}: restores the old folder if the new folder was not
    /// renamed yet, and otherwise removes the old folder. Does nothing if there is nothing to recover.
    ///
    /// @param target the folder passed to {@link #writeDirectory}
    /// @throws IOException if the file system reports an error
    public static void recoverDirectory(Path target) throws IOException {
        Path previous = sibling(target, PREVIOUS_SUFFIX);
        if (!Files.exists(previous)) {
            return;
        }
        if (Files.exists(target)) {
            deleteRecursively(previous);
        } else {
            rename(previous, target);
            force(parentOf(target));
        }
    }

    /// Removes a file, or a folder with all its content. A symbolic link is removed, but not its target.
    ///
    /// @param path the path to remove; nothing happens if it does not exist
    /// @throws IOException if something cannot be removed
    public static void deleteRecursively(Path path) throws IOException {
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException absent) {
            // There is nothing to remove.
        }
    }

    private static void forceRecursively(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                force(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                force(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("cannot rename " + from + " to " + to + " in one step", e);
        }
    }

    private static Path sibling(Path target, String suffix) {
        return target.resolveSibling(target.getFileName() + suffix);
    }

    private static Path parentOf(Path target) {
        return Optional.ofNullable(target.toAbsolutePath().getParent())
                .orElseThrow(() -> new IllegalArgumentException("the root folder cannot be written: " + target));
    }
}
