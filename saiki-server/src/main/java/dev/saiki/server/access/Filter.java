package dev.saiki.server.access;

import java.util.List;

/// A step before the endpoint, which either refuses a request or passes it on, perhaps with more information.
@FunctionalInterface
public interface Filter {

    /// Handles a request.
    ///
    /// @param request the request that the previous filter passed on
    /// @param next the rest of the chain
    /// @throws dev.saiki.http.ApiException if the request is refused
    void filter(Request request, Endpoint next);

    /// Puts filters in front of an endpoint.
    ///
    /// @param filters in this order
    /// @param last the endpoint of requests that pass all filters
    /// @return the start of the chain
    static Endpoint chain(List<Filter> filters, Endpoint last) {
        Endpoint first = last;
        for (Filter filter : filters.reversed()) {
            Endpoint next = first;
            first = request -> filter.filter(request, next);
        }
        return first;
    }
}
