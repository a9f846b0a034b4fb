package dev.saiki.io.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A database connection that runs statements and transactions. Confined to one thread.
///
/// The parameters of a statement are values that JDBC accepts, or an `Optional` of one.
///
/// Jdbi was rejected: it would only save the few lines that bind values and read rows.
///
/// @param connection the connection
public record Sql(Connection connection) implements AutoCloseable {

    private static final int SQLITE_BUSY = 5;
    private static final Duration PAUSE = Duration.ofMillis(10);

    /// A unit of work that is either done completely or rolled back.
    ///
    /// @param <T> the result of the work
    @FunctionalInterface
    public interface Work<T> {

        /// Does the work, whose effects are invisible to others until it is committed.
        T run() throws SQLException;
    }

    /// A reader of rows.
    ///
    /// @param <T> the value of a row
    @FunctionalInterface
    public interface Row<T> {

        /// Reads the current row.
        T read(ResultSet row) throws SQLException;
    }

    /// Connects to a SQLite file. Committed transactions are on disk, and deleted rows are overwritten.
    ///
    /// @param file created if missing
    /// @param patience the longest time to wait for other connections
    /// @return a connection, to be closed
    /// @throws SQLException if the file cannot be opened
    public static Connection connectToSqlite(Path file, Duration patience) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("transaction_mode", "IMMEDIATE");
        properties.setProperty("busy_timeout", Long.toString(patience.toMillis()));
        properties.setProperty("secure_delete", "true");
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
            } catch (SQLException e) {
                // Switching to the write-ahead log needs an exclusive lock, for which SQLite ignores the busy
                // timeout.
                if (e.getErrorCode() != SQLITE_BUSY || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /// Runs a transaction, and rolls it back if it fails.
    ///
    /// @param lock statement that begins the transaction; may be empty
    /// @param work the work of the transaction
    /// @return the result of the work
    /// @throws SQLException if the database fails
    public <T> T transact(String lock, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            if (!lock.isEmpty()) {
                execute(lock);
            }
            T result = work.run();
            connection.commit();
            connection.setAutoCommit(true);
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            undo(e);
            throw e;
        }
    }

    private void undo(Throwable cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /// Runs a statement without parameters.
    ///
    /// @param statement the statement to run
    /// @throws SQLException if the database fails
    public void execute(String statement) throws SQLException {
        try (Statement executed = connection.createStatement()) {
            executed.execute(statement);
        }
    }

    /// Runs a statement that changes rows.
    ///
    /// @param statement the statement to run
    /// @param values the values of the statement's parameters
    /// @return the number of changed rows
    /// @throws SQLException if the database fails
    public int update(String statement, Object... values) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            bind(prepared, values);
            return prepared.executeUpdate();
        }
    }

    /// Runs a statement once per row of values.
    ///
    /// @param statement the statement to run
    /// @param rows the values of the statement's parameters, row by row
    /// @throws SQLException if the database fails
    public void updateAll(String statement, List<Object[]> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (Object[] values : rows) {
                bind(prepared, values);
                prepared.addBatch();
            }
            int[] _ = prepared.executeBatch();
        }
    }

    /// Reads rows.
    ///
    /// @param query the query to run
    /// @param row reads a row
    /// @param values the values of the query's parameters
    /// @return the rows in the order of the query
    /// @throws SQLException if the database fails
    public <T> List<T> select(String query, Row<T> row, Object... values) throws SQLException {
        List<T> found = new ArrayList<>();
        try (PreparedStatement prepared = connection.prepareStatement(query)) {
            bind(prepared, values);
            try (ResultSet rows = prepared.executeQuery()) {
                while (rows.next()) {
                    found.add(row.read(rows));
                }
            }
        }
        return found;
    }

    private static void bind(PreparedStatement prepared, Object... values) throws SQLException {
        for (int index = 0; index < values.length; index++) {
            prepared.setObject(index + 1, plain(values[index]));
        }
    }

    private static @Nullable Object plain(Object value) {
        if (value instanceof Optional<?> maybe) {
            return maybe.isPresent() ? plain(maybe.get()) : null;
        }
        return value;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
