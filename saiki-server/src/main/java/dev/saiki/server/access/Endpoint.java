package dev.saiki.server.access;

/// The handler of a route's requests.
@FunctionalInterface
public interface Endpoint {

    /// Answers a request.
    ///
    /// @param request the request with its exchange, and the model that is to answer
    /// @throws dev.saiki.http.ApiException if the request is refused
    void answer(Request request);
}
