package dev.saiki.server.access;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.settings.ApiKey;
import dev.saiki.server.settings.ApiKeys;
import java.util.Optional;

/// Tells by their keys who makes requests.
public final class Callers {

    private static final String SCHEME = "Bearer ";

    private final Optional<ApiKeys> keys;

    public Callers(Optional<ApiKeys> keys) {
        this.keys = keys;
    }

    /// Finds out who makes a request.
    ///
    /// @throws ApiException with status 401 if keys are on, and the request has none of them
    public Caller of(Exchange exchange) {
        if (keys.isEmpty()) {
            return Caller.ANYONE;
        }
        String given = exchange.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .orElseThrow(() ->
                        ApiException.unauthenticated("an API key is needed, as the header Authorization: Bearer KEY"));
        Optional<ApiKey> key = keys.get().find(given);
        if (key.isEmpty()) {
            exchange.setHeader("WWW-Authenticate", "Bearer");
            throw ApiException.unauthenticated("the API key is not one of this server's");
        }
        return new Caller(key);
    }
}
