package dev.saiki.server.access;

import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The routes of a server, each behind the filters of what its requests are counted for.
public final class RouteTable implements Endpoint {

    private final List<Way> ways;
    private final Optional<AuditTrail> audit;

    /// A route, and where its requests begin.
    private record Way(Route route, Endpoint first) {}

    /// Builds the ways to all endpoints.
    ///
    /// @param routes all there are
    /// @param filters in front of them, the first one first; none for what is not metered
    /// @param audit where records are kept
    public RouteTable(List<Route> routes, Map<Metering, List<Filter>> filters, Optional<AuditTrail> audit) {
        this.ways = routes.stream()
                .map(route -> new Way(
                        route, Filter.chain(filters.getOrDefault(route.metering(), List.of()), route.endpoint())))
                .toList();
        this.audit = audit;
    }

    /// Lists what is answered.
    ///
    /// @return methods and paths, as `GET /health`
    public List<String> operations() {
        return ways.stream()
                .map(way -> way.route().method() + " " + way.route().path())
                .toList();
    }

    @Override
    public void answer(Request request) {
        Way way = find(request.exchange());
        Route route = way.route();
        Caller caller = request.caller();
        if (!caller.may(route.access())) {
            throw ApiException.forbidden("this path is not for the role of this API key");
        }
        Optional<AuditTrail> trail = route.metering() == Metering.RECORDED ? audit : Optional.empty();
        way.first()
                .answer(request.recordedIn(new AuditEntry(
                        trail, request.deployment().version(), request.id(), caller.subject(), route.path())));
    }

    private Way find(Exchange exchange) {
        List<Way> there =
                ways.stream().filter(way -> way.route().fits(exchange.path())).toList();
        if (there.isEmpty()) {
            throw ApiException.notFound("nothing answers at this path; GET /openapi.json lists what does");
        }
        return there.stream()
                .filter(way -> way.route().method().equals(exchange.method()))
                .findFirst()
                .orElseThrow(() -> {
                    String methods = there.stream()
                            .map(way -> way.route().method())
                            .sorted()
                            .collect(Collectors.joining(", "));
                    exchange.setHeader("Allow", methods);
                    return ApiException.wrongMethod("this path answers to " + methods);
                });
    }
}
