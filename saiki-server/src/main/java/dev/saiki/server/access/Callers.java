package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKeys;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.MDC;

/// The authentication filter: it reads the key from OpenAI's, Azure's or Anthropic's header.
public final class Callers implements Filter {

    private final Supplier<Optional<ApiKeys>> keys;
    private final Predicate<String> isOpen;

    /// Creates the filter that identifies the caller of a request.
    ///
    /// @param keys the accepted keys; empty if the server has no keys
    /// @param isOpen tells whether a path needs no key
    public Callers(Supplier<Optional<ApiKeys>> keys, Predicate<String> isOpen) {
        this.keys = keys;
        this.isOpen = isOpen;
    }

    @Override
    public void filter(Request request, Endpoint next) {
        Exchange exchange = request.exchange();
        Caller caller = isOpen.test(request.path())
                ? Caller.ANYONE
                : new Caller(keys.get().map(known -> known.require(exchange)));
        caller.subject().ifPresent(name -> MDC.put(AccessLog.CALLER, name));
        next.answer(request.by(caller));
    }
}
