package dev.saiki.server.access;

import java.util.List;

/// A step before the endpoint. It passes a request on, perhaps with more information, or refuses it.
@FunctionalInterface
public interface Filter {

    /// Takes a request.
    ///
    /// @param request as the previous filters passed it on
    /// @param next where it goes on
    /// @throws dev.saiki.http.ApiException if it does not
    void filter(Request request, Endpoint next);

    /// Puts filters in front of an endpoint.
    ///
    /// @param filters the first one first
    /// @param last the endpoint of requests that pass all filters
    /// @return where it begins
    static Endpoint chain(List<Filter> filters, Endpoint last) {
        Endpoint first = last;
        for (Filter filter : filters.reversed()) {
            Endpoint next = first;
            first = request -> filter.filter(request, next);
        }
        return first;
    }
}
