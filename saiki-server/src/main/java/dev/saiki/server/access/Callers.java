package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKey;
import dev.saiki.http.key.ApiKeys;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.MDC;

/// The authentication filter: it reads the key from OpenAI's, Azure's or Anthropic's header.
public final class Callers implements Filter {

    private static final String SCHEME = "Bearer ";
    private static final List<String> KEY_HEADERS = List.of("api-key", "x-api-key");

    private final Supplier<Optional<ApiKeys>> keys;
    private final Predicate<String> isOpen;

    /// Makes the step that finds out who makes a request.
    ///
    /// @param keys that open the server now; empty if it is open to everyone
    /// @param isOpen whether a path is for those too who have no key
    public Callers(Supplier<Optional<ApiKeys>> keys, Predicate<String> isOpen) {
        this.keys = keys;
        this.isOpen = isOpen;
    }

    @Override
    public void filter(Request request, Endpoint next) {
        Exchange exchange = request.exchange();
        Caller caller = isOpen.test(exchange.path()) ? Caller.ANYONE : of(exchange);
        caller.subject().ifPresent(name -> MDC.put(LoggedExchange.CALLER, name));
        next.answer(request.by(caller));
    }

    /// Finds out who makes a request.
    ///
    /// @throws ApiException with status 401 if keys are on, and the request has none of them
    private Caller of(Exchange exchange) {
        Optional<ApiKeys> known = keys.get();
        if (known.isEmpty()) {
            return Caller.ANYONE;
        }
        String given = exchange.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .or(() -> KEY_HEADERS.stream()
                        .flatMap(name -> exchange.header(name).stream())
                        .findFirst())
                .orElseThrow(() ->
                        ApiException.unauthenticated("send an API key in the header Authorization: Bearer KEY"));
        Optional<ApiKey> key = known.get().find(given);
        if (key.isEmpty()) {
            throw ApiException.unauthenticated("the API key is not one of this server's");
        }
        return new Caller(key);
    }
}
