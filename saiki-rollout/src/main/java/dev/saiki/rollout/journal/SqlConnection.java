package dev.saiki.rollout.journal;

import dev.saiki.io.sql.Sql;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A database connection that can be reopened. Confined to one thread.
final class SqlConnection implements AutoCloseable {

    private final DatabaseDialect dialect;
    private @Nullable Sql made;

    /// Creates a connection that is opened later.
    SqlConnection(DatabaseDialect dialect) {
        this.dialect = dialect;
    }

    private Sql sql() throws SQLException {
        if (made == null) {
            throw new SQLException("not connected");
        }
        return made;
    }

    /// Whether a failure to connect may be temporary.
    boolean isTransient(SQLException failure) {
        return dialect.isTransient(failure);
    }

    /// Whether other gateways may change the database.
    boolean isShared() throws SQLException {
        dialect.requireExists();
        return dialect.isShared();
    }

    Optional<String> note() throws SQLException {
        return dialect.note();
    }

    void note(String text) throws SQLException {
        dialect.note(text);
    }

    /// Creates missing tables.
    ///
    /// @param schema statements, each ending with a semicolon and a line break, in which each `%s` stands for the
    ///     type of a column that numbers rows
    /// @param then work to do in the same transaction
    <T> T make(String schema, Sql.Work<T> then) throws SQLException {
        return transact(dialect.schemaLock(), () -> {
            for (String table : schema.strip().split(";\n", -1)) {
                sql().execute(table.formatted(dialect.serial()));
            }
            return then.run();
        });
    }

    /// Connects or reconnects.
    void connect() throws SQLException {
        Sql before = made;
        made = null;
        try {
            if (before != null) {
                before.close();
            }
        } finally {
            made = new Sql(dialect.connect());
        }
    }

    /// Does a unit of work in a transaction that excludes other gateways.
    <T> T transact(Sql.Work<T> work) throws SQLException {
        return transact(dialect.lock(), work);
    }

    private <T> T transact(String lock, Sql.Work<T> work) throws SQLException {
        dialect.requireExists();
        return sql().transact(lock, work);
    }

    /// Runs a statement that changes rows.
    ///
    /// @return the number of rows
    int update(String statement, Object... values) throws SQLException {
        return sql().update(statement, values);
    }

    /// Runs a statement once per row of values.
    void updateAll(String statement, List<Object[]> rows) throws SQLException {
        sql().updateAll(statement, rows);
    }

    /// Reads rows; null becomes an empty text.
    List<List<String>> select(String query, int columns, Object... values) throws SQLException {
        return sql().select(query, row -> texts(row, columns), values);
    }

    private static List<String> texts(ResultSet row, int columns) throws SQLException {
        List<String> texts = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
            texts.add(Objects.requireNonNullElse(row.getString(column), ""));
        }
        return texts;
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
