package dev.saiki.rollout.journal;

import dev.saiki.rollout.plan.DatabaseLocation;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/// A PostgreSQL database, shared by any number of gateways. A lock on one row serializes their transactions.
///
/// If a gateway hangs within a transaction, PostgreSQL rolls the transaction back after ten seconds. A gateway
/// that waits more than five seconds for a lock treats the database as down.
///
/// A connection pool (HikariCP) is not needed: a gateway uses one connection, on one thread.
///
/// @param location the location of the database
record PostgresDialect(DatabaseLocation.Postgres location) implements DatabaseDialect {

    private static final String CONNECT_SECONDS = "5";
    private static final String SOCKET_SECONDS = "10";

    @Override
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        location.user().ifPresent(user -> properties.setProperty("user", user));
        location.password().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", "saiki rollout serve");
        properties.setProperty("connectTimeout", CONNECT_SECONDS);
        properties.setProperty("loginTimeout", CONNECT_SECONDS);
        properties.setProperty("socketTimeout", SOCKET_SECONDS);
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty(
                "options", "-c lock_timeout=5s -c statement_timeout=8s -c idle_in_transaction_session_timeout=10s");
        return DriverManager.getConnection(location.url(), properties);
    }

    /// Returns true if the connection failed, or the server is starting or stopping. A wrong password or a
    /// missing database is not transient.
    @Override
    public boolean isTransient(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return state.startsWith("08") || state.startsWith("57P");
    }

    @Override
    public void requireExists() {
        // If the server is gone, its connections fail too, so no check is needed.
    }

    @Override
    public boolean isShared() {
        return true;
    }

    /// There is no place beside a server; gateways that run remember.
    @Override
    public Optional<String> note() {
        return Optional.empty();
    }

    @Override
    public void note(String text) {
        // See above.
    }

    @Override
    public String serial() {
        return "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
    }

    @Override
    public String schemaLock() {
        return "SELECT pg_advisory_xact_lock(5321006)";
    }

    @Override
    public String lock() {
        return "SELECT value FROM rollout_meta WHERE name = 'version' FOR UPDATE";
    }

    @Override
    public void close() {
        // The connection is the only open resource, and its owner closes it.
    }
}
