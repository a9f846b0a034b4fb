package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// The location of a rollout's database: a SQLite file for one gateway, or PostgreSQL for several.
public sealed interface DatabaseLocation {

    /// What a URL of PostgreSQL begins with.
    String POSTGRES_PREFIX = "jdbc:postgresql:";

    /// A file of SQLite, which is made if it is not there.
    ///
    /// @param file where it lies
    record SqliteFile(Path file) implements DatabaseLocation {

        @Override
        public String toString() {
            return file.toString();
        }
    }

    /// A database of PostgreSQL, which must be there; its tables are made.
    ///
    /// @param url for JDBC, without user and password
    /// @param user empty if the driver finds one, as in `PGUSER`
    /// @param password empty if the driver finds one, as in `~/.pgpass`
    record Postgres(String url, Optional<String> user, Optional<String> password) implements DatabaseLocation {

        /// Checks the URL.
        ///
        /// @throws InputException if it is none of PostgreSQL, or holds a password
        public Postgres {
            if (!url.startsWith(POSTGRES_PREFIX)) {
                throw new InputException("the database's url must begin with " + POSTGRES_PREFIX
                        + " and must be such as " + POSTGRES_PREFIX + "//host/database, got one that does not");
            }
            String small = url.toLowerCase(Locale.ROOT);
            if (small.contains("password=") || small.contains("user=") || small.contains("@")) {
                throw new InputException("the database's url must not contain user or password, since plans are read"
                        + " by many; say database: {url: URL, user: {environment: NAME}, password: {environment:"
                        + " NAME}}");
            }
        }

        /// The URL alone, without its parameters.
        @Override
        public String toString() {
            return url.replaceFirst("[?].*", "");
        }
    }
}
