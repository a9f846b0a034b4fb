package dev.saiki.server.access;

import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.ModelRegistry;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.ClientGoneException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.metrics.ServerMetrics;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The entrance of all requests: it names each, lets it go with the model that is served now, and turns whatever goes
/// wrong into an error that says no more than the client should know.
///
/// Sees HTTP through {@link Exchange} only, so that another server can carry the same endpoints. Safe for any
/// number of threads.
public final class RequestHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");

    private final ModelRegistry registry;
    private final ServerMetrics metrics;
    private final Endpoint first;

    /// Makes an entrance.
    ///
    /// @param registry of the models
    /// @param metrics are told of refusals, and of clients that went away
    /// @param first where requests go
    public RequestHandler(ModelRegistry registry, ServerMetrics metrics, Endpoint first) {
        this.registry = registry;
        this.metrics = metrics;
        this.first = first;
    }

    /// Answers a request, whatever happens.
    ///
    /// @param exchange the request
    public void handle(Exchange exchange) {
        String id = exchange.header(REQUEST_ID)
                .filter(given -> ID.matcher(given).matches())
                .orElseGet(() -> UUID.randomUUID().toString());
        exchange.setHeader(REQUEST_ID, id);
        try (MDC.MDCCloseable _ = MDC.putCloseable("request_id", id)) {
            answer(id, exchange);
        } catch (ClientGoneException gone) {
            LOG.debug("request {}: the client is gone", id);
            metrics.clientGone();
        } catch (RuntimeException | Error failure) {
            send(exchange, RequestFailures.refusal(id, failure));
        }
    }

    private void answer(String id, Exchange exchange) {
        ModelDeployment deployment = registry.enter();
        try {
            first.answer(Request.of(id, exchange, deployment));
        } finally {
            deployment.leave();
        }
    }

    private void send(Exchange exchange, ApiException refusal) {
        metrics.refused(refusal.status());
        refusal.retryAfter().ifPresent(time -> exchange.setHeader("Retry-After", Long.toString(time.toSeconds())));
        try {
            exchange.send(refusal.status(), Json.CONTENT_TYPE, Json.bytes(refusal.toJson()));
        } catch (ClientGoneException gone) {
            LOG.debug("nobody listens to an error", gone);
        }
    }
}
