package dev.saiki.server.access;

import dev.saiki.server.http.Exchange;

/// Something the server can be asked for.
@FunctionalInterface
public interface Endpoint {

    /// Answers a request.
    ///
    /// @param exchange the request
    /// @throws dev.saiki.server.http.ApiException if it is not answered as it was asked
    void answer(Exchange exchange);
}
