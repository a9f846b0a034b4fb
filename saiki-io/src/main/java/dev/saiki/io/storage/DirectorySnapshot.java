package dev.saiki.io.storage;

import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A snapshot of a folder's files, taken while other processes write to the folder.
///
/// Saiki's writers replace files and folders by renaming, or append to a file. So a hard link to each file,
/// together with the file's length, preserves the state without a copy. If a folder is renamed meanwhile, the
/// snapshot is repeated. Hidden and incomplete files are omitted.
///
/// @param folder folder with a hard link to each file, under the same relative path
/// @param files the state of each file at that moment, by its path, whose parts are separated by `/`
record DirectorySnapshot(Path folder, SortedMap<String, State> files) {

    private static final int MAX_ATTEMPTS = 50;

    /// A file's state.
    ///
    /// @param bytes the length of the file
    /// @param changed the time of the last change
    /// @param identity distinguishes the file from a later file of the same name; empty if the file system has no
    ///     such identity
    record State(long bytes, FileTime changed, Optional<Object> identity) {

        private boolean isBeginningOf(@Nullable State later) {
            return later != null
                    && identity.equals(later.identity)
                    && (later.bytes > bytes || (later.bytes == bytes && changed.equals(later.changed)));
        }
    }

    /// Takes a snapshot of a folder.
    ///
    /// @param folder the folder; may be absent
    /// @param aside the folder for the hard links, on the same file system; its old content is removed
    /// @throws IOException if a file cannot be read, or the folder changes too fast for a consistent snapshot
    static DirectorySnapshot take(Path folder, Path aside) throws IOException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            AtomicFiles.deleteRecursively(aside);
            Files.createDirectories(aside);
            try {
                SortedMap<String, State> files = states(folder);
                for (String path : files.keySet()) {
                    Path second = aside.resolve(path);
                    Files.createDirectories(second.resolveSibling(""));
                    ObjectCache.link(folder.resolve(path), second);
                }
                if (areBeginningsOf(files, states(folder))) {
                    return new DirectorySnapshot(aside, files);
                }
            } catch (NoSuchFileException renamed) {
                pause(attempt);
            }
        }
        throw new IOException(folder + ": its files change too fast for a consistent list");
    }

    /// Whether the only changes are bytes appended to files. A folder that is renamed while its parent is listed
    /// may be missing from the list under both of its names, so a file that only the later list contains counts as
    /// a change.
    private static boolean areBeginningsOf(SortedMap<String, State> files, SortedMap<String, State> later) {
        return files.keySet().equals(later.keySet())
                && files.entrySet().stream().allMatch(file -> file.getValue().isBeginningOf(later.get(file.getKey())));
    }

    private static void pause(int milliseconds) throws InterruptedIOException {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while files were listed");
        }
    }

    private static SortedMap<String, State> states(Path folder) throws IOException {
        SortedMap<String, State> states = new TreeMap<>();
        Set<Path> seen = new HashSet<>();
        if (!Files.isDirectory(folder)) {
            return states;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) tree::iterator) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                seen.add(file);
                Path relative = folder.relativize(file);
                if (attributes.isRegularFile() && isPublished(relative)) {
                    states.put(
                            relative.toString().replace('\\', '/'),
                            new State(
                                    attributes.size(),
                                    attributes.lastModifiedTime(),
                                    Optional.ofNullable(attributes.fileKey())));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        requireNoneBetweenRenames(seen);
        return states;
    }

    /// Throws an exception if a folder is being replaced and exists only under the name of its old content.
    private static void requireNoneBetweenRenames(Set<Path> seen) throws NoSuchFileException {
        for (Path file : seen) {
            String name = file.getFileName().toString();
            if (name.endsWith(AtomicFiles.PREVIOUS_SUFFIX)) {
                String target = name.substring(0, name.length() - AtomicFiles.PREVIOUS_SUFFIX.length());
                if (!seen.contains(file.resolveSibling(target))) {
                    throw new NoSuchFileException(target);
                }
            }
        }
    }

    private static boolean isPublished(Path relative) {
        for (Path part : relative) {
            String name = part.toString();
            if (name.startsWith(".")
                    || name.endsWith(AtomicFiles.TEMPORARY_SUFFIX)
                    || name.endsWith(AtomicFiles.PREVIOUS_SUFFIX)) {
                return false;
            }
        }
        return true;
    }
}
