package dev.saiki.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// An exclusive lock on a folder; the operating system releases it when the process dies.
public final class DirectoryLock implements AutoCloseable {

    /// The name of the lock file inside the folder.
    public static final String FILE_NAME = ".saiki.lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Acquires the lock of a folder, and creates the folder if it does not exist.
    ///
    /// @param folder the folder
    /// @return the lock, which the caller closes when the work is done
    /// @throws InputException if another run holds the lock
    /// @throws IOException if the lock file cannot be written
    public static DirectoryLock acquire(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve(FILE_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException held) {
            // This process itself holds the lock, which is reported below like that of any other holder.
        }
        if (lock == null) {
            channel.close();
            throw new InputException(folder + ": another run is writing into this folder;"
                    + " wait until it ends, or use another folder");
        }
        return new DirectoryLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
