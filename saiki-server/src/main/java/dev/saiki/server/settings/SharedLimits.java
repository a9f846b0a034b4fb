package dev.saiki.server.settings;

import dev.saiki.io.InputException;

/// The PostgreSQL database in which several servers share rate limits. Keep the password in `~/.pgpass` rather than
/// in the URL.
///
/// @param url the URL for JDBC
public record SharedLimits(String url) {

    private static final String PREFIX = "jdbc:postgresql:";

    /// Checks the prefix of the URL.
    ///
    /// @throws InputException if the URL names no PostgreSQL database
    public SharedLimits {
        if (!url.startsWith(PREFIX)) {
            throw InputException.of(
                    "--shared-limits", "the database", "a URL such as " + PREFIX + "//HOST/DATABASE", shown(url));
        }
    }

    private static String shown(String url) {
        String shown = url.replaceFirst("[?].*", "").replaceFirst("//.*@", "//");
        return shown.isBlank() ? "nothing" : shown;
    }

    /// The URL without its secrets.
    @Override
    public String toString() {
        return shown(url);
    }
}
