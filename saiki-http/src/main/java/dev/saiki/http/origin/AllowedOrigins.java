package dev.saiki.http.origin;

import dev.saiki.io.InputException;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The web origins, other than the server's own, whose pages may call a server from a browser (CORS).
///
/// @param names the origins in the form that browsers send: scheme, host, and any port other than the scheme's
///     default, in lower case and without a path; `*` allows all origins
public record AllowedOrigins(Set<String> names) {

    /// No origins besides the server's own.
    public static final AllowedOrigins NONE = new AllowedOrigins(Set.of());

    private static final String ALL = "*";
    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#,\\s]+");

    /// Checks every name.
    ///
    /// @throws InputException naming the invalid origin, and the format
    public AllowedOrigins {
        for (String name : names) {
            if (!name.equals(ALL) && !ORIGIN.matcher(name).matches()) {
                throw new InputException("an allowed origin must be * or a scheme and a host, such"
                        + " as https://chat.example.com or http://localhost:3000, got " + name);
            }
        }
        names = Set.copyOf(names);
    }

    /// Reads origins in the forms that people write: in any case, with or without a trailing slash.
    ///
    /// @param written the names
    /// @return the origins
    /// @throws InputException naming the invalid origin, and the format
    public static AllowedOrigins of(Collection<String> written) {
        return new AllowedOrigins(written.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .map(name -> name.endsWith("/") ? name.substring(0, name.length() - 1) : name)
                .collect(Collectors.toSet()));
    }

    /// Tells whether pages of an origin may call the server.
    ///
    /// @param origin as a browser sends it
    /// @return whether the origin is allowed
    public boolean allows(String origin) {
        return names.contains(ALL) || names.contains(origin.toLowerCase(Locale.ROOT));
    }
}
