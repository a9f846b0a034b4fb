package dev.saiki.rollout.journal;

import dev.saiki.rollout.plan.DatabaseLocation;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/// The differences between SQLite and PostgreSQL: connecting, locking, numbering rows.
sealed interface DatabaseDialect extends AutoCloseable permits PostgresDialect, SqliteDialect {

    /// Takes hold of a place.
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

    /// Whether a failure to connect may be over soon, so that a gateway does well to begin without its
    /// database.
    boolean mayComeBack(SQLException failure);

    /// Fails if the database is gone though its connection is not.
    void requireThere() throws SQLException;

    /// The type of a column that numbers its rows in the order in which they come.
    String serial();

    /// A statement at the beginning of a transaction that makes the tables; empty where transactions
    /// exclude each other.
    String schemaLock();

    /// A statement at the beginning of each other transaction, after which no other gateway's is under
    /// way; empty where transactions exclude each other.
    String lock();

    @Override
    void close() throws IOException;
}
