package dev.saiki.rollout.journal;

import dev.saiki.rollout.plan.DatabaseLocation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/// The differences between SQLite and PostgreSQL: connecting, locking, numbering rows.
sealed interface DatabaseDialect extends AutoCloseable permits PostgresDialect, SqliteDialect {

    /// Opens the dialect of a location, locking it if needed.
    ///
    /// @throws IOException if it cannot be made
    static DatabaseDialect of(DatabaseLocation location) throws IOException {
        return switch (location) {
            case DatabaseLocation.SqliteFile sqlite -> SqliteDialect.of(sqlite.file());
            case DatabaseLocation.Postgres postgres -> new PostgresDialect(postgres);
        };
    }

    /// Connects.
    ///
    /// @throws SQLException if it cannot be reached
    Connection connect() throws SQLException;

    /// Whether a failure to connect may be temporary, so that a gateway should start without its database.
    boolean isTransient(SQLException failure);

    /// Fails if the database is gone though its connection is still open.
    void requireExists() throws SQLException;

    /// The type of a column that numbers rows in the order of their insertion.
    String serial();

    /// A statement at the beginning of the transaction that creates the tables; empty where transactions are
    /// exclusive anyway.
    String schemaLock();

    /// A statement at the beginning of each other transaction, which waits for the transactions of other gateways;
    /// empty where transactions are exclusive anyway.
    String lock();

    @Override
    void close() throws IOException;
}
