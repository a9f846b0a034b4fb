package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The routes of a server, looked up by method and path.
public final class RouteTable {

    private static final String GET = "GET";
    private static final String HEAD = "HEAD";

    private final List<Entry> entries;

    /// A route and the start of its chain: the first of its filters, or its endpoint.
    record Entry(Route route, Endpoint first) {}

    /// Puts the filters in front of all endpoints.
    ///
    /// @param routes all routes
    /// @param filters the filters of metered routes, in this order; routes without metering have none
    public RouteTable(List<Route> routes, Map<Metering, List<Filter>> filters) {
        this.entries = routes.stream()
                .map(route -> new Entry(
                        route, Filter.chain(filters.getOrDefault(route.metering(), List.of()), route.endpoint())))
                .toList();
    }

    /// Lists the routes.
    ///
    /// @return methods and paths, such as `GET /health`
    public List<String> operations() {
        return entries.stream()
                .map(entry -> entry.route().method() + " " + entry.route().path())
                .toList();
    }

    /// Finds the route of a request; HEAD is routed as GET.
    ///
    /// @throws ApiException with status 404 for an unknown path, or 405 for an unknown method
    Entry find(Request request) {
        Exchange exchange = request.exchange();
        List<Entry> there = entries.stream()
                .filter(entry -> entry.route().fits(request.path()))
                .toList();
        if (there.isEmpty()) {
            throw ApiException.notFound(MissingPath.message(
                    request.path(),
                    entries.stream().map(entry -> entry.route().path()).toList()));
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
                    return ApiException.wrongMethod(
                            request.path() + " accepts " + methods + ", got " + exchange.method());
                });
    }

    private static Stream<String> methods(Route route) {
        return route.method().equals(GET) ? Stream.of(GET, HEAD) : Stream.of(route.method());
    }
}
