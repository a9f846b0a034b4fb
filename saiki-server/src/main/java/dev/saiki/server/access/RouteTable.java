package dev.saiki.server.access;

import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The routes of a server, found by method and path.
public final class RouteTable {

    private static final String GET = "GET";
    private static final String HEAD = "HEAD";

    private final List<Entry> entries;

    /// A route, and where its requests begin: at the first of its filters, or at its endpoint.
    record Entry(Route route, Endpoint first) {}

    /// Puts the filters in front of all endpoints.
    ///
    /// @param routes all there are
    /// @param filters in front of them, the first one first; none for what is not metered
    public RouteTable(List<Route> routes, Map<Metering, List<Filter>> filters) {
        this.entries = routes.stream()
                .map(route -> new Entry(
                        route, Filter.chain(filters.getOrDefault(route.metering(), List.of()), route.endpoint())))
                .toList();
    }

    /// Lists what is answered.
    ///
    /// @return methods and paths, as `GET /health`
    public List<String> operations() {
        return entries.stream()
                .map(entry -> entry.route().method() + " " + entry.route().path())
                .toList();
    }

    /// Finds where a request goes: one for a head alone to where one for the whole would go.
    ///
    /// @throws ApiException with status 404 or 405 if nothing answers there
    Entry find(Exchange exchange) {
        List<Entry> there = entries.stream()
                .filter(entry -> entry.route().fits(exchange.path()))
                .toList();
        if (there.isEmpty()) {
            throw ApiException.notFound("nothing answers at this path; GET /openapi.json lists what does");
        }
        String method = exchange.method().equals(HEAD) ? GET : exchange.method();
        return there.stream()
                .filter(entry -> entry.route().method().equals(method))
                .findFirst()
                .orElseThrow(() -> {
                    String methods = there.stream()
                            .flatMap(entry -> methods(entry.route()))
                            .sorted()
                            .collect(Collectors.joining(", "));
                    exchange.setHeader("Allow", methods);
                    return ApiException.wrongMethod("this path answers to " + methods);
                });
    }

    private static Stream<String> methods(Route route) {
        return route.method().equals(GET) ? Stream.of(GET, HEAD) : Stream.of(route.method());
    }
}
