package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import dev.saiki.io.sql.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/// The location of the audit database: a SQLite file, or a PostgreSQL database.
public sealed interface AuditLocation {

    /// The prefix of PostgreSQL URLs.
    String POSTGRES_PREFIX = "jdbc:postgresql:";

    /// Parses the name of a SQLite file, or the URL of a PostgreSQL database.
    ///
    /// @param given the option's value
    /// @return the location
    /// @throws InputException if the value is empty, or a URL of another database
    static AuditLocation parse(String given) {
        if (given.startsWith(POSTGRES_PREFIX)) {
            return new Postgres(given);
        }
        if (given.isBlank() || given.startsWith("jdbc:") || given.contains("://")) {
            String shown = given.replaceFirst("[?].*", "").replaceFirst("//.*@", "//");
            throw new InputException("the audit database must be a file name or a URL such as " + POSTGRES_PREFIX
                    + "//host/database, got " + (shown.isBlank() ? "nothing" : shown));
        }
        return new SqliteFile(Path.of(given));
    }

    /// Connects to the database for reading and writing.
    ///
    /// @return a connection, to be closed
    /// @throws SQLException if the database cannot be reached
    Connection connect() throws SQLException;

    /// Refuses a location to which no connection can ever succeed.
    ///
    /// @param mayBeMade whether a missing file may be created
    /// @throws InputException naming the location
    void requirePossible(boolean mayBeMade);

    /// The lock that prevents two processes from changing the schema at the same time.
    ///
    /// @return a statement for the start of a transaction; empty if a transaction alone suffices
    String schemaLock();

    /// The lock that keeps an erasure order and arriving records from being stored at the same time, because
    /// neither transaction could read the other's uncommitted changes.
    ///
    /// @return a statement for the start of a transaction; empty if there is only one writer at a time
    String erasureLock();

    /// The default folder of the spool.
    ///
    /// @return a folder
    Path defaultSpool();

    /// A SQLite file; a new one is readable by its owner only.
    ///
    /// @param file the path
    record SqliteFile(Path file) implements AuditLocation {

        /// The header of every SQLite file that is not empty.
        private static final String MAGIC = "SQLite format 3\0";

        /// How long to wait for a lock on the file.
        private static final Duration PATIENCE = Duration.ofSeconds(5);

        @Override
        public Connection connect() throws SQLException {
            return Sql.connectToSqlite(file, PATIENCE);
        }

        @Override
        public void requirePossible(boolean mayBeMade) {
            InputException.require(!Files.isDirectory(file), file + ":", "a file", "a folder");
            if (Files.exists(file)) {
                requireDatabase();
                return;
            }
            if (!mayBeMade) {
                throw new InputException(file + ": no such audit file; `saiki serve --audit` creates one");
            }
            try {
                PrivateFiles.createFile(file);
            } catch (FileAlreadyExistsException e) {
                // Another process has just created the file.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /// Refuses a file that is not a SQLite database: records would wait forever for a file that can never
        /// store them.
        private void requireDatabase() {
            try (InputStream content = Files.newInputStream(file)) {
                byte[] beginning = content.readNBytes(MAGIC.length());
                if (beginning.length > 0 && !new String(beginning, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
                    throw new InputException(
                            file + ": is not a SQLite audit database; give an audit database or a new file name");
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String schemaLock() {
            return "";
        }

        @Override
        public String erasureLock() {
            return "";
        }

        @Override
        public Path defaultSpool() {
            return file.resolveSibling(file.getFileName() + ".spool");
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /// A PostgreSQL database. A password belongs in `~/.pgpass`, which the driver reads, rather than in the URL.
    ///
    /// @param url the URL for JDBC
    record Postgres(String url) implements AuditLocation {

        private static final String DEFAULT_SPOOL = "saiki-audit.spool";

        @Override
        public Connection connect() throws SQLException {
            Properties properties = new Properties();
            properties.setProperty("ApplicationName", "saiki audit");
            properties.setProperty("connectTimeout", "5");
            properties.setProperty("socketTimeout", "30");
            properties.setProperty("tcpKeepAlive", "true");
            return DriverManager.getConnection(url, properties);
        }

        @Override
        public void requirePossible(boolean mayBeMade) {
            try {
                DriverManager.getDriver(url);
            } catch (SQLException e) {
                throw new InputException(this + ": must be a URL such as " + POSTGRES_PREFIX + "//host/database", e);
            }
        }

        @Override
        public String schemaLock() {
            return "SELECT pg_advisory_xact_lock(5321004)";
        }

        @Override
        public String erasureLock() {
            return "SELECT pg_advisory_xact_lock(5321005)";
        }

        @Override
        public Path defaultSpool() {
            return Path.of(DEFAULT_SPOOL);
        }

        /// The URL without its secrets.
        @Override
        public String toString() {
            return url.replaceFirst("[?].*", "");
        }
    }
}
