package dev.saiki.rollout;

import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.http.origin.AllowedOrigins;
import dev.saiki.http.origin.ForeignPages;
import dev.saiki.io.InputException;
import dev.saiki.rollout.course.DatabaseGoneException;
import dev.saiki.rollout.pages.PageEndpoint;
import dev.saiki.rollout.plan.ForwardedRoute;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.proxy.HeldBytes;
import dev.saiki.rollout.proxy.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The handler of all requests to a gateway: it authenticates and routes requests, and turns exceptions into
/// errors in OpenAI's format.
final class GatewayHandler {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayHandler.class);

    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");
    /// A path that every server reads alike: no empty, `.` or `..` segments, and no characters that some servers
    /// decode again or cut off.
    private static final Pattern NORMAL_PATH = Pattern.compile("/|(?:/(?!\\.{1,2}(?:/|$))[^/\\\\%;?#\\p{Cntrl}]++)++");

    private static final int UNAUTHORIZED = 401;
    private static final Duration ROUND = Duration.ofMillis(20);

    private final GatewayPlan plan;
    private final Proxy proxy;
    private final RolloutEndpoints rollout;
    private final OperationEndpoints operation;
    private final PageEndpoint page = new PageEndpoint();
    private final ForeignPages foreign;
    private final HeldBytes bodies;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean ends;

    GatewayHandler(GatewayPlan plan, Proxy proxy, RolloutEndpoints rollout, OperationEndpoints operation) {
        this.plan = plan;
        this.proxy = proxy;
        this.rollout = rollout;
        this.operation = operation;
        this.bodies = new HeldBytes(plan.limits().requestBytes());
        this.foreign =
                new ForeignPages(plan.access().listen(), plan.access().keys().isEmpty(), AllowedOrigins.NONE);
    }

    /// Answers a request, with an error if it fails. If an answer breaks off halfway, throws
    /// {@link ClientGoneException} instead.
    void handle(Exchange exchange) {
        String id = exchange.header(REQUEST_ID)
                .filter(given -> ID.matcher(given).matches())
                .orElseGet(() -> UUID.randomUUID().toString());
        exchange.setHeader(REQUEST_ID, id);
        try {
            route(exchange);
        } catch (ApiException refusal) {
            send(exchange, refusal);
        } catch (InputException mistake) {
            send(exchange, ApiException.invalid(mistake));
        } catch (DatabaseGoneException gone) {
            send(exchange, ApiException.unavailable(String.valueOf(gone.getMessage())));
        } catch (ClientGoneException gone) {
            throw gone;
        } catch (RuntimeException failure) {
            LOG.error("request {} failed", id, failure);
            send(exchange, ApiException.broken());
        }
    }

    /// The operations that the gateway itself answers, each as a method and a path.
    Set<String> operations() {
        Set<String> operations = new TreeSet<>(rollout.operations());
        operations.addAll(page.operations());
        operations.addAll(OperationEndpoints.operations());
        return operations;
    }

    private void route(Exchange exchange) {
        foreign.refuse(exchange);
        String path = exchange.path();
        requireNormal(exchange);
        if (operation.answersOpen(exchange) || page.answers(exchange)) {
            return;
        }
        GatewayCaller caller = GatewayCaller.of(exchange, plan.access());
        if (OperationEndpoints.isMetrics(path)) {
            operation.metrics(exchange, caller);
        } else if (path.equals("/rollout") || path.startsWith("/rollout/") || path.equals("/v1/feedback")) {
            rollout.answer(exchange, caller);
        } else if (exchange.method().equals("GET") && operation.isOwnModel(path)) {
            operation.models(exchange);
        } else if (path.startsWith("/v1/")) {
            caller.requireWork();
            ForwardedRoute.require(plan.access().routes(), exchange.method(), path);
            exchange.header(GatewayPlan.FORCE_HEADER).ifPresent(_ -> caller.requireForce());
            proxy(exchange, caller);
        } else {
            throw ApiException.notFound("no endpoint at " + path
                    + "; models are under /v1 (a client's base URL must end in /v1), the rollout is at /rollout, its page"
                    + " at /");
        }
    }

    private static void requireNormal(Exchange exchange) {
        String sent = exchange.rawPath();
        boolean isNormal = Stream.of(sent.replace("%", ""), exchange.path())
                .allMatch(path -> NORMAL_PATH.matcher(path).matches());
        if (!isNormal) {
            throw ApiException.invalid(
                    "the path must be in its normal form, without empty, . or .. segments, a slash at its end,"
                            + " backslashes, semicolons or encoded percent signs, got " + sent,
                    null);
        }
        try {
            URI _ = URI.create("/?" + exchange.query());
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("the query must be percent-encoded, got " + exchange.query(), null);
        }
    }

    private void proxy(Exchange exchange, GatewayCaller caller) {
        inFlight.incrementAndGet();
        try (HeldBytes.Share share = bodies.share()) {
            if (ends) {
                throw ApiException.ending();
            }
            byte[] body = RequestBody.bytes(exchange, plan.limits().bodyBytes(), share::take);
            proxy.answer(exchange, body, caller.name());
        } finally {
            inFlight.decrementAndGet();
        }
    }

    /// Reports that the gateway is not ready, because it ends soon.
    void announceEnd() {
        operation.announceEnd();
    }

    /// Stops accepting requests and waits for running ones.
    ///
    /// @param timeout longest time to wait
    /// @return whether all running requests finished in time
    boolean drain(Duration timeout) throws InterruptedException {
        operation.announceEnd();
        ends = true;
        long end = System.nanoTime() + timeout.toNanos();
        while (inFlight.get() > 0 && System.nanoTime() < end) {
            Thread.sleep(ROUND);
        }
        return inFlight.get() == 0;
    }

    private static void send(Exchange exchange, ApiException refusal) {
        if (refusal.status() == UNAUTHORIZED) {
            exchange.setHeader("WWW-Authenticate", "Bearer");
        }
        refusal.retryAfter().ifPresent(time -> exchange.setHeader("Retry-After", Long.toString(time.toSeconds())));
        try {
            exchange.send(refusal.status(), Json.CONTENT_TYPE, Json.bytes(refusal.toJson()));
        } catch (ClientGoneException gone) {
            LOG.debug("the client disconnected before it got the error", gone);
        }
    }
}
