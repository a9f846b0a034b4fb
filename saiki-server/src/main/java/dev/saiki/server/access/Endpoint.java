package dev.saiki.server.access;

/// Something the server can be asked for.
@FunctionalInterface
public interface Endpoint {

    /// Answers a request.
    ///
    /// @param request with its exchange and the model that answers it
    /// @throws dev.saiki.http.ApiException if it is not answered as it was asked
    void answer(Request request);
}
