package dev.saiki.server.access;

import java.util.List;

/// A step before the endpoint, which passes a request on, perhaps with more known about it, or refuses it.
@FunctionalInterface
public interface Filter {

    /// Takes a request.
    ///
    /// @param request as the steps before left it
    /// @param next where it goes on
    /// @throws dev.saiki.http.ApiException if it does not
    void filter(Request request, Endpoint next);

    /// Puts steps in front of an endpoint.
    ///
    /// @param filters the first one first
    /// @param last where a request ends that passes them all
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
