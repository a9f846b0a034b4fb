package dev.saiki.server.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Access to files and folders that only their owner can read, on file systems with owners. Existing files
/// keep their permissions.
final class PrivateFiles {

    private PrivateFiles() {}

    private static FileAttribute<?>[] of(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /// Creates a file.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if the file exists
    static void createFile(Path file) throws IOException {
        Files.createFile(file, of("rw-------"));
    }

    /// Creates a folder, and its parents if they are missing.
    static void createFolder(Path folder) throws IOException {
        Files.createDirectories(folder, of("rwx------"));
    }

    /// Opens a file, and creates it if the options allow.
    static FileChannel open(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), of("rw-------"));
    }
}
