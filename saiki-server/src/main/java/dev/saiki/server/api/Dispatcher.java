package dev.saiki.server.api;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineFullException;
import dev.saiki.io.InputException;
import dev.saiki.server.metrics.EngineWatch;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.settings.ApiKeys;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.wire.ApiException;
import dev.saiki.server.wire.ClientGoneException;
import dev.saiki.server.wire.Exchange;
import dev.saiki.server.wire.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// Takes requests to what answers them: names each, asks for its key, finds its endpoint, and turns whatever goes
/// wrong into an error that says no more than the client should know.
///
/// Sees HTTP through {@link Exchange} only, so that another server can carry the same endpoints. Safe for any number of
/// threads.
public final class Dispatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private static final Duration RETRY_WHEN_FULL = Duration.ofSeconds(1);
    private static final String REQUEST_ID = "X-Request-Id";
    private static final String HEALTH = "/health";

    private final ServerOptions options;
    private final Models models;
    private final Presence presence;
    private final ServerMetrics metrics;
    private final EngineWatch watch;
    private final Rescorer rescorer;

    /// Makes the endpoints of a model.
    ///
    /// @param engine the model; must outlive the dispatcher
    /// @param options of the server
    public Dispatcher(Engine engine, ServerOptions options) {
        this.options = options;
        this.presence = new Presence(() -> models().current().engine().isRunning());
        this.metrics = new ServerMetrics(engine, options.modelName(), options.vllmMetrics());
        this.rescorer = new Rescorer(options.operation().rescoring(), metrics);
        this.watch = new EngineWatch(engine, Clock.systemUTC());
        this.models = new Models(
                engine, options.operation().reload().map(ReloadOptions::model), this::generation, this::attach);
        metrics.gauge("saiki.shed.level", () -> models().current().shedder().level());
        watch.start();
    }

    /// For what is asked only when all is made.
    private Models models() {
        return models;
    }

    private void attach(Engine engine) {
        metrics.attach(engine);
        watch.attach(engine);
    }

    private Generation generation(Engine engine, long number, String folder) {
        LoadShedder shedder = new LoadShedder(engine, options.operation().shedding());
        ServedModel model = new ServedModel(options.modelName(), engine, Instant.now(), shedder, rescorer);
        List<Route> all = new ArrayList<>();
        all.addAll(new HealthEndpoints(presence, watch).routes());
        all.addAll(new ModelEndpoints(model).routes());
        all.addAll(new CompletionEndpoint(model, options.limits(), metrics).routes());
        all.addAll(new ChatEndpoint(model, options.chatFormat(), options.limits(), metrics).routes());
        all.addAll(new ResponsesEndpoint(model, options.chatFormat(), options.limits(), metrics).routes());
        all.addAll(new TokenizerEndpoints(model, options.chatFormat(), options.limits()).routes());
        all.addAll(new InspectEndpoint(model, options.limits()).routes());
        all.addAll(new MonitoringEndpoints(model, metrics).routes());
        all.addAll(new PageEndpoints(model).routes());
        all.addAll(new RouterEndpoint(watch, engine.options().breaker()).routes());
        all.addAll(OpenApiEndpoint.routes());
        if (options.operation().reload().filter(ReloadOptions::overHttp).isPresent()) {
            all.addAll(new AdminEndpoints(this::reload, this::goBack).routes());
        }
        return new Generation(number, folder, shedder, all);
    }

    /// Opens another checkpoint, and serves it if it can be served.
    ///
    /// @param name of a folder beside the first one; empty for the first one, as it is now
    /// @return name of the folder
    /// @throws InputException if it cannot be served; the old one then goes on
    public String load(Optional<String> name) {
        return reload(name).folder();
    }

    private Generation reload(Optional<String> name) {
        try {
            Generation served = models.load(name);
            metrics.reloaded(true);
            return served;
        } catch (RuntimeException refusal) {
            metrics.reloaded(false);
            LOG.error("the checkpoint is not served, and the one before goes on", refusal);
            throw refusal;
        }
    }

    private Generation goBack() {
        return models.goBack();
    }

    /// Lists what is answered.
    ///
    /// @return methods and paths, as `GET /health`
    public List<String> operations() {
        return models.current().routes().stream()
                .map(route -> route.method() + " " + route.path())
                .toList();
    }

    /// Answers a request, whatever happens.
    ///
    /// @param exchange the request
    public void handle(Exchange exchange) {
        String id = exchange.header(REQUEST_ID)
                .filter(given -> given.matches("[!-~]{1,128}"))
                .orElseGet(() -> UUID.randomUUID().toString());
        exchange.setHeader(REQUEST_ID, id);
        try (MDC.MDCCloseable _ = MDC.putCloseable("request_id", id)) {
            answer(exchange);
        } catch (ApiException refusal) {
            send(exchange, refusal);
        } catch (InputException mistake) {
            send(exchange, ApiException.invalid(mistake));
        } catch (EngineFullException full) {
            send(exchange, ApiException.full(String.valueOf(full.getMessage()), RETRY_WHEN_FULL));
        } catch (ClientGoneException gone) {
            LOG.debug("request {}: the client is gone", id);
            metrics.clientGone();
        } catch (RuntimeException failure) {
            if (Thread.interrupted()) {
                // The server has waited long enough for its last answers.
                send(exchange, ApiException.ending());
            } else {
                LOG.error("request {} failed", id, failure);
                send(exchange, ApiException.broken());
            }
        }
    }

    private void answer(Exchange exchange) {
        if (!exchange.path().startsWith(HEALTH) && !PageEndpoints.isPage(exchange.path())) {
            requireKey(exchange);
        }
        Generation generation = models.enter();
        try {
            answer(exchange, find(exchange, generation.routes()));
        } finally {
            generation.leave();
        }
    }

    private void answer(Exchange exchange, Route route) {
        if (!route.work()) {
            route.endpoint().answer(exchange);
            return;
        }
        if (!presence.enter()) {
            throw ApiException.ending();
        }
        try {
            route.endpoint().answer(exchange);
        } finally {
            presence.leave();
        }
    }

    private void requireKey(Exchange exchange) {
        Optional<ApiKeys> keys = options.apiKeys();
        if (keys.isEmpty()) {
            return;
        }
        String given = exchange.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip())
                .orElseThrow(() ->
                        ApiException.unauthenticated("an API key is needed, as the header Authorization: Bearer KEY"));
        if (keys.get().nameOf(given).isEmpty()) {
            exchange.setHeader("WWW-Authenticate", "Bearer");
            throw ApiException.unauthenticated("the API key is not one of this server's");
        }
    }

    private static Route find(Exchange exchange, List<Route> routes) {
        List<Route> there =
                routes.stream().filter(route -> route.fits(exchange.path())).toList();
        if (there.isEmpty()) {
            throw ApiException.notFound("nothing answers at this path; GET /openapi.json lists what does");
        }
        return there.stream()
                .filter(route -> route.method().equals(exchange.method()))
                .findFirst()
                .orElseThrow(() -> {
                    String methods = there.stream().map(Route::method).sorted().collect(Collectors.joining(", "));
                    exchange.setHeader("Allow", methods);
                    return ApiException.wrongMethod("this path answers to " + methods);
                });
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

    /// Takes no more work from now on, and waits for what is at work.
    ///
    /// @param most how long
    /// @return whether all of it ended in time
    public boolean drain(Duration most) {
        return presence.end(most);
    }

    /// Looks at the engine no more, and closes those that were loaded while it ran.
    @Override
    public void close() {
        rescorer.close();
        watch.close();
        models.close();
    }
}
