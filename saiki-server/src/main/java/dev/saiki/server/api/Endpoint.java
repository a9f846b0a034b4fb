package dev.saiki.server.api;

import dev.saiki.server.wire.Exchange;

/// Something the server can be asked for.
@FunctionalInterface
interface Endpoint {

    /// Answers a request.
    ///
    /// @param exchange the request
    /// @throws dev.saiki.server.wire.ApiException if it is not answered as it was asked
    void answer(Exchange exchange);
}
