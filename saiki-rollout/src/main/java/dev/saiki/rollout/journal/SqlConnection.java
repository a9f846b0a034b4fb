package dev.saiki.rollout.journal;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A database connection that can be reopened. Confined to one thread.
///
/// Jdbi was rejected: it would only save the few lines that bind values and read rows.
final class SqlConnection implements AutoCloseable {

    private final DatabaseDialect dialect;
    private @Nullable Connection made;

    /// Keeps the dialect; connects later.
    SqlConnection(DatabaseDialect dialect) {
        this.dialect = dialect;
    }

    private Connection connection() throws SQLException {
        if (made == null) {
            throw new SQLException("not connected");
        }
        return made;
    }

    /// Whether a failure to connect may be temporary.
    boolean mayComeBack(SQLException failure) {
        return dialect.mayComeBack(failure);
    }

    /// Creates missing tables.
    ///
    /// @param schema statements, in which each `%s` stands for the type of a column that numbers rows
    /// @param then work to do in the same transaction
    <T> T make(List<String> schema, Journal.Work<T> then) throws SQLException {
        return transact(dialect.schemaLock(), () -> {
            for (String table : schema) {
                execute(table.formatted(dialect.serial()));
            }
            return then.run();
        });
    }

    /// Connects or reconnects.
    void connect() throws SQLException {
        Connection before = made;
        made = null;
        try {
            if (before != null) {
                before.close();
            }
        } finally {
            made = dialect.connect();
        }
    }

    /// Does a unit of work in a transaction that excludes other gateways.
    <T> T transact(Journal.Work<T> work) throws SQLException {
        return transact(dialect.lock(), work);
    }

    private <T> T transact(String lock, Journal.Work<T> work) throws SQLException {
        dialect.requireThere();
        Connection connection = connection();
        connection.setAutoCommit(false);
        try {
            if (!lock.isEmpty()) {
                execute(lock);
            }
            T result = work.run();
            connection.commit();
            connection.setAutoCommit(true);
            return result;
        } catch (SQLException | RuntimeException e) {
            undo(connection, e);
            throw e;
        }
    }

    private static void undo(Connection connection, Exception cause) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private void execute(String statement) throws SQLException {
        try (Statement executed = connection().createStatement()) {
            executed.execute(statement);
        }
    }

    /// Changes rows.
    ///
    /// @return the number of rows
    int update(String statement, Object... values) throws SQLException {
        try (PreparedStatement prepared = connection().prepareStatement(statement)) {
            bind(prepared, values);
            return prepared.executeUpdate();
        }
    }

    /// Runs a statement once per row of values.
    void updateAll(String statement, List<Object[]> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement prepared = connection().prepareStatement(statement)) {
            for (Object[] values : rows) {
                bind(prepared, values);
                prepared.addBatch();
            }
            int[] _ = prepared.executeBatch();
        }
    }

    private static void bind(PreparedStatement prepared, Object... values) throws SQLException {
        for (int index = 0; index < values.length; index++) {
            prepared.setObject(
                    index + 1, values[index] instanceof Optional<?> maybe ? maybe.orElse(null) : values[index]);
        }
    }

    /// Reads rows; null becomes an empty text.
    List<List<String>> select(String query, int columns, Object... values) throws SQLException {
        List<List<String>> found = new ArrayList<>();
        try (PreparedStatement prepared = connection().prepareStatement(query)) {
            bind(prepared, values);
            try (ResultSet rows = prepared.executeQuery()) {
                while (rows.next()) {
                    List<String> row = new ArrayList<>();
                    for (int column = 1; column <= columns; column++) {
                        String value = rows.getString(column);
                        row.add(value == null ? "" : value);
                    }
                    found.add(row);
                }
            }
        }
        return found;
    }

    @Override
    public void close() throws SQLException, IOException {
        try {
            if (made != null) {
                made.close();
            }
        } finally {
            dialect.close();
        }
    }
}
