package dev.saiki.rollout;

import dev.saiki.rollout.plan.DatabaseLocation;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.opentest4j.TestAbortedException;

/// A running PostgreSQL for tests.
public final class PostgresServer implements AutoCloseable {

    private static int made;

    private final EmbeddedPostgres server;

    private PostgresServer(EmbeddedPostgres server) {
        this.server = server;
    }

    /// Starts PostgreSQL, or skips the test if its binary cannot start.
    ///
    /// @param folder the folder of its data, which may exist from an earlier start
    /// @param port the port; 0 for any
    public static PostgresServer start(Path folder, int port) {
        try {
            return new PostgresServer(EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .start());
        } catch (IOException | RuntimeException e) {
            throw new TestAbortedException("PostgreSQL cannot be started here: " + e.getMessage(), e);
        }
    }

    /// Creates an empty database.
    public DatabaseLocation freshDatabase() throws SQLException {
        String name = name();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return new DatabaseLocation.Postgres(
                "jdbc:postgresql://localhost:" + server.getPort() + "/" + name,
                Optional.of("postgres"),
                Optional.of("not-asked-for"));
    }

    private static synchronized String name() {
        made++;
        return "rollout" + made;
    }

    public int port() {
        return server.getPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
