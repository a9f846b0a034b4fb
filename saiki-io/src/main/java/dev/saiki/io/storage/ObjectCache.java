package dev.saiki.io.storage;

import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A bounded local cache of object storage, shared by all processes of a user.
///
/// `files/` contains contents under names that identify them. `folders/` contains the folders that commands read;
/// they consist of hard links to those contents, and the path of a folder depends on its content. Contents and
/// folders are written under a temporary name and renamed, so a reader finds only complete ones. A process locks
/// each folder that it uses until the process ends. If the cache is too large, folders without a lock are removed
/// first, least recently used first, and then contents that no folder links to.
///
/// Caches of Java libraries are unsuitable: they store the objects of one process, not the files of several
/// processes.
///
/// @param folder the folder of the cache
/// @param maxBytes the maximum total size, exceeded only if all contents are in use
/// @param clock the clock for times of last use
record ObjectCache(Path folder, long maxBytes, InstantSource clock) {

    /// Locks of the folders that this process uses, released when the process ends.
    private static final Map<Path, FileLock> IN_USE = new ConcurrentHashMap<>();

    private static final Duration ABANDONED = Duration.ofDays(1);

    /// A download of missing content.
    @FunctionalInterface
    interface Fetch {
        /// Writes the content.
        ///
        /// @param file the file to create
        /// @throws IOException if writing fails
        void into(Path file) throws IOException;
    }

    /// Returns the cached file with the given content.
    ///
    /// @param name the unique name of the content
    /// @param bytes the content's length; a cached file of another length is damaged and is downloaded again
    /// @param fetch downloads and checks the content
    /// @return a read-only file
    Path file(String name, long bytes, Fetch fetch) throws IOException {
        Path file = folder.resolve("files").resolve(name);
        if (Files.isRegularFile(file) && Files.size(file) == bytes) {
            touch(file);
            return file;
        }
        Files.createDirectories(folder.resolve("files"));
        makeRoom(bytes);
        Path aside = file.resolveSibling(name + "." + UUID.randomUUID() + AtomicFiles.TEMPORARY_SUFFIX);
        try {
            fetch.into(aside);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
        return file;
    }

    /// Returns a folder with the given contents, which exists until this process ends.
    ///
    /// @param name the unique name of the folder
    /// @param place the path, relative to the folder, below which the files are
    /// @param files contents by their paths below `place`, at least one; the empty path is `place` itself
    /// @return the folder at `place`
    /// @throws NoSuchFileException if another process has removed one of the contents in the meantime
    Path folder(String name, Path place, Map<String, Path> files) throws IOException {
        Path whole = folder.resolve("folders").resolve(name);
        Files.createDirectories(folder.resolve("folders"));
        use(whole);
        Path copy = whole.resolve(place);
        boolean there = Files.isDirectory(whole);
        if (there && isWhole(copy, files)) {
            return copy;
        }
        if (there) {
            AtomicFiles.deleteRecursively(whole);
        }
        Path aside = whole.resolveSibling(name + "." + UUID.randomUUID() + AtomicFiles.TEMPORARY_SUFFIX);
        try {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                Path second = aside.resolve(place).resolve(file.getKey());
                Files.createDirectories(second.resolveSibling(""));
                link(file.getValue(), second);
            }
            Files.move(aside, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            AtomicFiles.deleteRecursively(aside);
            if (!Files.isDirectory(whole)) { // Otherwise another process has created the folder.
                throw e;
            }
        }
        return copy;
    }

    private static boolean isWhole(Path folder, Map<String, Path> files) throws IOException {
        for (Map.Entry<String, Path> file : files.entrySet()) {
            Path second = folder.resolve(file.getKey());
            if (!Files.isRegularFile(second) || Files.size(second) != Files.size(file.getValue())) {
                return false;
            }
        }
        return true;
    }

    static void link(Path file, Path second) throws IOException {
        try {
            Files.createLink(second, file);
        } catch (UnsupportedOperationException noLinks) {
            Files.copy(file, second);
        } catch (FileAlreadyExistsException twice) {
            // Two paths differ only in case, and the file system ignores case.
            throw new IOException(second + ": two objects have the same name on this file system", twice);
        }
    }

    private void use(Path whole) throws IOException {
        Path file = lockOf(whole);
        synchronized (IN_USE) {
            if (!IN_USE.containsKey(file)) {
                FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                IN_USE.put(file, channel.lock(0, Long.MAX_VALUE, true));
            }
        }
        touch(file);
    }

    private static Path lockOf(Path whole) {
        return whole.resolveSibling(whole.getFileName() + ".lock");
    }

    private void touch(Path file) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (NoSuchFileException removed) {
            // The missing file is reported where it is used.
        }
    }

    /// Removes the least recently used content until the given space is free.
    private void makeRoom(long bytes) throws IOException {
        long excess = bytes - maxBytes;
        List<Path> contents = oldestFirst(folder.resolve("files"));
        for (Path content : contents) {
            excess += sizeOf(content);
        }
        if (excess <= 0) {
            return;
        }
        for (Path lock : oldestFirst(folder.resolve("folders"))) {
            if (lock.toString().endsWith(".lock")) {
                removeUnused(lock);
            }
        }
        for (Path content : contents) {
            if (excess > 0 && isRemovable(content)) {
                excess -= sizeOf(content);
                Files.deleteIfExists(content);
            }
        }
    }

    /// Content that folders link to has several hard links, if the file system counts them.
    private boolean isRemovable(Path content) throws IOException {
        try {
            if (content.toString().endsWith(AtomicFiles.TEMPORARY_SUFFIX)) {
                return Files.getLastModifiedTime(content)
                        .toInstant()
                        .isBefore(clock.instant().minus(ABANDONED));
            }
            return Files.getAttribute(content, "unix:nlink") instanceof Integer names && names == 1;
        } catch (NoSuchFileException removed) {
            return false;
        } catch (UnsupportedOperationException | IllegalArgumentException notCounted) {
            return true;
        }
    }

    private static void removeUnused(Path lock) throws IOException {
        String name = lock.toString();
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            @Nullable FileLock mine = channel.tryLock();
            if (mine != null) {
                AtomicFiles.deleteRecursively(Path.of(name.substring(0, name.length() - ".lock".length())));
            }
        } catch (OverlappingFileLockException ours) {
            // This process uses the folder.
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException removed) {
            return 0;
        }
    }

    private static List<Path> oldestFirst(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isRegularFile)
                    .map(child -> new Used(child, lastUse(child)))
                    .sorted(Comparator.comparing(Used::at))
                    .map(Used::file)
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /// A file and the time of its last use.
    private record Used(Path file, FileTime at) {}

    private static FileTime lastUse(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException removed) {
            return FileTime.fromMillis(0);
        }
    }
}
