package dev.saiki.server.audit;

import java.sql.Connection;
import java.sql.SQLException;

/// A unit of work on a database, done completely or not at all.
///
/// @param <T> the result
@FunctionalInterface
interface Transaction<T> {

    /// Does the work, invisible to others until the commit.
    T run() throws SQLException;

    /// Runs a transaction, and rolls it back if it fails.
    ///
    /// @param connection used by no other thread meanwhile
    /// @param transaction the work
    /// @return what came of it
    /// @throws SQLException if the database fails
    static <T> T run(Connection connection, Transaction<T> transaction) throws SQLException {
        connection.setAutoCommit(false);
        try {
            T result = transaction.run();
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }
}
