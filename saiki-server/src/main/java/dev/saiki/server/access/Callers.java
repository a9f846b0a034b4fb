package dev.saiki.server.access;

import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKeys;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.MDC;

/// The authentication filter: it reads the key from OpenAI's, Azure's or Anthropic's header.
///
/// @param keys the accepted keys; empty if the server has no keys
/// @param isOpen tells whether a path needs no key
public record Callers(Supplier<Optional<ApiKeys>> keys, Predicate<String> isOpen) implements Filter {

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
