package dev.saiki.rollout.journal;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.sql.Sql;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// A SQLite file, for one gateway. A committed transaction is on disk.
///
/// @param file the database
/// @param lockFile the locked file that excludes other gateways
record SqliteDialect(Path file, FileChannel lockFile) implements DatabaseDialect {

    private static final int NOTE_BYTES = 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    static SqliteDialect of(Path file) throws IOException {
        InputException.require(!Files.isDirectory(file), file.toString(), "the database", "a file", "a folder");
        FileChannel lockFile = lock(file);
        if (!Files.exists(file)) {
            // The file will hold a secret, and perhaps users' texts, so only its owner may read it.
            AtomicFiles.writePrivateString(file, "");
        }
        return new SqliteDialect(file, lockFile);
    }

    /// A SQLite file serves one gateway only, since its locks are unreliable between machines.
    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This process already holds the lock.
        }
        channel.close();
        throw new InputException(file + ": another gateway is using this database; give each gateway its own file, or"
                + " let"
                + " all share one PostgreSQL database");
    }

    @Override
    public Connection connect() throws SQLException {
        requireExists();
        return Sql.connectToSqlite(file, PATIENCE);
    }

    @Override
    public boolean isTransient(SQLException failure) {
        return false;
    }

    /// Fails if the file was deleted, because SQLite keeps writing into a deleted file without an error.
    @Override
    public void requireExists() throws SQLException {
        if (!Files.exists(file)) {
            throw new SQLException(file + " is gone");
        }
    }

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public Optional<String> note() throws SQLException {
        try {
            ByteBuffer read = ByteBuffer.allocate(NOTE_BYTES);
            lockFile.read(read, 0);
            String text = new String(read.array(), 0, read.position(), StandardCharsets.UTF_8).replace("\0", "");
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (IOException e) {
            throw new SQLException("the lock file of " + file + " cannot be read", e);
        }
    }

    /// Writes into the lock file, each time as many bytes, so that no end of an earlier note is left.
    @Override
    public void note(String text) throws SQLException {
        try {
            byte[] padded = Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), NOTE_BYTES);
            lockFile.write(ByteBuffer.wrap(padded), 0);
        } catch (IOException e) {
            throw new SQLException("the lock file of " + file + " cannot be written", e);
        }
    }

    @Override
    public String serial() {
        return "INTEGER PRIMARY KEY";
    }

    @Override
    public String schemaLock() {
        return "";
    }

    @Override
    public String lock() {
        return "";
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
