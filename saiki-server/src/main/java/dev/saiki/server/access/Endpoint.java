package dev.saiki.server.access;

/// The handler of a route's requests.
@FunctionalInterface
public interface Endpoint {

    /// Answers a request.
    ///
    /// @param request with its exchange and the model that answers it
    /// @throws dev.saiki.http.ApiException if it is not answered as it was asked
    void answer(Request request);
}
