package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.deployment.ServedModels;
import dev.saiki.server.metrics.ServerMetrics;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The entry point of all requests, which assigns an id, runs the filters and the endpoint of the route, and turns
/// failures into errors without internal details.
///
/// HTTP is accessed only through {@link Exchange}, so that another HTTP server can serve the same endpoints.
/// Thread-safe.
public final class RequestHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

    private static final String REQUEST_ID = "X-Request-Id";
    private static final int UNAUTHORIZED = 401;
    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");

    private final ServedModels models;
    private final ServerMetrics metrics;
    private final Endpoint first;
    private final RouteTable routes;
    private final Optional<AuditTrail> audit;
    private final ErrorBody errors;

    /// Creates the entry point.
    ///
    /// @param models the models of the server
    /// @param metrics the counters of refusals and disconnected clients
    /// @param filters the filters in front of all routes, in this order
    /// @param routes the routes of the server
    /// @param audit the trail in which records are kept
    /// @param errors renders errors
    public RequestHandler(
            ServedModels models,
            ServerMetrics metrics,
            List<Filter> filters,
            RouteTable routes,
            Optional<AuditTrail> audit,
            ErrorBody errors) {
        this.models = models;
        this.metrics = metrics;
        this.first = Filter.chain(filters, this::route);
        this.routes = routes;
        this.audit = audit;
        this.errors = errors;
    }

    /// Answers a request; after a failure, the answer is an error.
    ///
    /// @param exchange the request
    public void handle(Exchange exchange) {
        String id = exchange.header(REQUEST_ID)
                .filter(given -> ID.matcher(given).matches())
                .orElseGet(() -> UUID.randomUUID().toString());
        exchange.setHeader(REQUEST_ID, id);
        long since = System.nanoTime();
        try (MDC.MDCCloseable _ = MDC.putCloseable("request_id", id)) {
            try {
                answerOrRefuse(id, exchange);
            } finally {
                AccessLog.write(exchange, since);
                MDC.remove(AccessLog.CALLER);
            }
        }
    }

    private void answerOrRefuse(String id, Exchange exchange) {
        try {
            answer(id, exchange);
        } catch (ClientGoneException gone) {
            LOG.debug("the client disconnected");
            metrics.clientGone();
        } catch (RuntimeException | Error failure) {
            send(id, exchange, RequestFailures.refusal(failure));
        }
    }

    private void answer(String id, Exchange exchange) {
        try (EnteredModels entered = new EnteredModels(models)) {
            first.answer(Request.of(id, exchange, entered));
        }
    }

    /// Passes a request of a known caller to its route.
    private void route(Request request) {
        RouteTable.Entry entry = routes.find(request);
        Route route = entry.route();
        Caller caller = request.caller();
        caller.require(route.access());
        Optional<AuditTrail> trail = route.metering() == Metering.RECORDED ? audit : Optional.empty();
        entry.first()
                .answer(request.recordedIn(new AuditEntry(
                        trail, request.deployment().version(), request.id(), caller.subject(), route.path())));
    }

    private void send(String id, Exchange exchange, ApiException refusal) {
        metrics.refused(refusal.status());
        if (refusal.status() == UNAUTHORIZED) {
            exchange.setHeader("WWW-Authenticate", "Bearer");
        }
        refusal.retryAfter().ifPresent(time -> exchange.setHeader("Retry-After", Long.toString(time.toSeconds())));
        try {
            exchange.send(refusal.status(), Json.CONTENT_TYPE, Json.bytes(errors.of(exchange.path(), id, refusal)));
        } catch (ClientGoneException gone) {
            LOG.debug("the client disconnected before it got the error", gone);
        }
    }
}
