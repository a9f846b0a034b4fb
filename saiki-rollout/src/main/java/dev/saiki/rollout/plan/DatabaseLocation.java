package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// The location of a rollout's database: a SQLite file for one gateway, or PostgreSQL for several.
public sealed interface DatabaseLocation {

    /// The prefix of PostgreSQL URLs.
    String POSTGRES_PREFIX = "jdbc:postgresql:";

    /// A SQLite file, created if missing.
    ///
    /// @param file the file of the database
    record SqliteFile(Path file) implements DatabaseLocation {

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /// A PostgreSQL database, which must exist. The gateway creates its tables.
    ///
    /// @param url the URL for JDBC, without user and password
    /// @param user the user; empty if the driver determines it, for example from `PGUSER`
    /// @param password the password; empty if the driver determines it, for example from `~/.pgpass`
    record Postgres(String url, Optional<String> user, Optional<String> password) implements DatabaseLocation {

        /// Validates the URL.
        ///
        /// @throws InputException if the URL is not PostgreSQL's, or holds a user or password
        public Postgres {
            if (!url.startsWith(POSTGRES_PREFIX)) {
                throw new InputException("the database's url must begin with " + POSTGRES_PREFIX + ", such as "
                        + POSTGRES_PREFIX + "//host/database, got another URL");
            }
            String small = url.toLowerCase(Locale.ROOT);
            if (small.contains("password=") || small.contains("user=") || small.contains("@")) {
                throw new InputException("the database's url must not contain user or password, because plans are"
                        + " not secret; write database: {url: URL, user: {environment: NAME}, password: {environment:"
                        + " NAME}}");
            }
        }

        /// The URL without its parameters.
        @Override
        public String toString() {
            return url.replaceFirst("[?].*", "");
        }
    }
}
