package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// The database of a gateway under test, which the test also reads directly.
sealed interface DatabaseUnderTest extends AutoCloseable {

    /// The database's section of the plan, as YAML.
    String inPlan();

    /// Opens a connection for the test.
    Connection connect() throws SQLException;

    /// Fails if rows and indexes are inconsistent.
    void requireWhole() throws SQLException;

    @Override
    void close() throws IOException;

    /// A SQLite file.
    ///
    /// @param file the file of the database
    record SqliteFile(Path file) implements DatabaseUnderTest {

        @Override
        public String inPlan() {
            return '"' + file.toString() + '"';
        }

        @Override
        public Connection connect() throws SQLException {
            return DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=10000");
        }

        @Override
        public void requireWhole() throws SQLException {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("PRAGMA integrity_check")) {
                assertThat(found.getString(1)).isEqualTo("ok");
            }
        }

        @Override
        public void close() {
            // A file need not be closed.
        }
    }

    /// A PostgreSQL server, which tests kill and restart at the same port.
    final class Postgres implements DatabaseUnderTest {

        private static final String USER = "postgres";
        private static final int LOOKS = 200;

        private final Path folder;

        /// A file with the user's name, for the plan.
        private final Path user;

        private EmbeddedPostgres server;

        private Postgres(Path folder) throws IOException {
            this.folder = folder;
            this.user = Files.writeString(folder.resolveSibling("user"), USER);
            this.server = begin(folder, 0);
        }

        /// Starts a server without data.
        static Postgres in(Path folder) throws IOException {
            return new Postgres(folder);
        }

        /// Starts a server. Committed data must survive a kill, so commits are synchronous, as they are in
        /// PostgreSQL by default.
        private static EmbeddedPostgres begin(Path folder, int port) throws IOException {
            return EmbeddedPostgres.builder()
                    .setDataDirectory(folder)
                    .setCleanDataDirectory(false)
                    .setServerConfig("synchronous_commit", "on")
                    .setPort(port)
                    .start();
        }

        @Override
        public String inPlan() {
            return "{url: \"" + url() + "\", user: {file: \"" + user + "\"}}";
        }

        private String url() {
            return "jdbc:postgresql://localhost:" + server.getPort() + "/" + USER;
        }

        @Override
        public Connection connect() throws SQLException {
            return DriverManager.getConnection(url(), USER, "not-asked-for");
        }

        /// Sends SIGKILL to the server and its descendants.
        void kill() throws IOException, InterruptedException {
            long pid = Long.parseLong(
                    Files.readAllLines(folder.resolve("postmaster.pid")).getFirst());
            ProcessHandle first = ProcessHandle.of(pid).orElseThrow();
            List<ProcessHandle> family = new ArrayList<>(List.of(first));
            first.descendants().forEach(family::add);
            family.forEach(ProcessHandle::destroyForcibly);
            for (int look = 0; family.stream().anyMatch(ProcessHandle::isAlive); look++) {
                assertThat(look).as("looks at a server that is to be dead").isLessThan(LOOKS);
                Thread.sleep(20);
            }
        }

        /// Restarts a killed server, which must recover.
        void startAgain() throws IOException {
            int port = server.getPort();
            server.close();
            server = begin(folder, port);
        }

        /// Rebuilds the indexes, which fails if rows are missing or duplicated.
        @Override
        public void requireWhole() throws SQLException {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("REINDEX SCHEMA public");
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
