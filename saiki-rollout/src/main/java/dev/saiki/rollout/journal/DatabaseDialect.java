package dev.saiki.rollout.journal;

import dev.saiki.rollout.plan.DatabaseLocation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/// The differences between SQLite and PostgreSQL: how they connect, lock, and number rows.
sealed interface DatabaseDialect extends AutoCloseable permits PostgresDialect, SqliteDialect {

    /// Returns the dialect for a location, and locks the location if it is a SQLite file.
    ///
    /// @throws IOException if a file cannot be created
    static DatabaseDialect of(DatabaseLocation location) throws IOException {
        return switch (location) {
            case DatabaseLocation.SqliteFile sqlite -> SqliteDialect.of(sqlite.file());
            case DatabaseLocation.Postgres postgres -> new PostgresDialect(postgres);
        };
    }

    /// Connects.
    ///
    /// @throws SQLException if the database cannot be reached
    Connection connect() throws SQLException;

    /// Whether a failure to connect may be temporary, in which case a gateway should start without its database.
    boolean isTransient(SQLException failure);

    /// Fails if the database no longer exists, even though its connection is still open.
    void requireExists() throws SQLException;

    /// Whether several gateways may use the database.
    boolean isShared();

    /// What was noted beside the database; empty if nothing was, or there is no such place.
    Optional<String> note() throws SQLException;

    /// Notes a short text beside the database, if there is a place.
    void note(String text) throws SQLException;

    /// The type of a column that numbers rows in the order of their insertion.
    String serial();

    /// The lock statement that begins the transaction that creates the tables; empty if the database's
    /// transactions are always exclusive.
    String schemaLock();

    /// The lock statement that begins all transactions except the one that creates the tables, and waits for the
    /// transactions of other gateways; empty if the database's transactions are always exclusive.
    String lock();

    @Override
    void close() throws IOException;
}
