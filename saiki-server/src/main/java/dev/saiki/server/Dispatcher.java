package dev.saiki.server;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineFullException;
import dev.saiki.io.InputException;
import dev.saiki.server.access.Caller;
import dev.saiki.server.access.Callers;
import dev.saiki.server.access.ForeignPages;
import dev.saiki.server.access.RateLimits;
import dev.saiki.server.access.RecordedExchange;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.audit.ModelVersion;
import dev.saiki.server.deployment.Generation;
import dev.saiki.server.deployment.LoadShedder;
import dev.saiki.server.deployment.Models;
import dev.saiki.server.deployment.Presence;
import dev.saiki.server.deployment.Rescorer;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.ClientGoneException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.inspect.InspectEndpoint;
import dev.saiki.server.metrics.EngineWatch;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.ModelEndpoints;
import dev.saiki.server.openai.TokenizerEndpoints;
import dev.saiki.server.openai.chat.ChatEndpoint;
import dev.saiki.server.openai.completions.CompletionEndpoint;
import dev.saiki.server.openai.embeddings.EmbeddingEndpoint;
import dev.saiki.server.openai.responses.ResponsesEndpoint;
import dev.saiki.server.operations.AdminEndpoints;
import dev.saiki.server.operations.AuditEndpoints;
import dev.saiki.server.operations.HealthEndpoints;
import dev.saiki.server.operations.MonitoringEndpoints;
import dev.saiki.server.operations.RouterEndpoint;
import dev.saiki.server.pages.DocsEndpoint;
import dev.saiki.server.pages.OpenApiEndpoint;
import dev.saiki.server.pages.PageEndpoints;
import dev.saiki.server.prompt.ChatPrompts;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.tracing.Traces;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// Takes requests to what answers them: names each, asks for its key, finds its endpoint, and turns whatever
/// goes wrong into an error that says no more than the client should know.
///
/// Sees HTTP through {@link Exchange} only, so that another server can carry the same endpoints. Safe for any
/// number of threads.
public final class Dispatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private static final Duration RETRY_WHEN_FULL = Duration.ofSeconds(1);
    private static final String REQUEST_ID = "X-Request-Id";
    private static final Pattern ID = Pattern.compile("[!-~]{1,128}");
    private static final String GONE = "client_gone";

    /// What logs have for a client that went away, since nothing was answered.
    private static final int STATUS_GONE = 499;

    private static final int OK = 200;

    private final ServerOptions options;
    private final Callers callers;
    private final ForeignPages foreignPages;
    private final RateLimits limits = new RateLimits();
    private final Optional<AuditTrail> audit;
    private final Traces traces;
    private final Models models;
    private final Presence presence;
    private final ServerMetrics metrics;
    private final EngineWatch watch;
    private final Rescorer rescorer;

    /// Makes the endpoints of a model.
    ///
    /// @param engine the model; must outlive the dispatcher
    /// @param options of the server
    /// @param audit where records are kept; must outlive the dispatcher
    public Dispatcher(Engine engine, ServerOptions options, Optional<AuditTrail> audit) {
        this.options = options;
        this.callers = new Callers(options.apiKeys());
        this.foreignPages = new ForeignPages(options);
        this.audit = audit;
        this.traces = Traces.to(options.otlp());
        this.presence = new Presence(() -> models().current().engine().isRunning());
        this.metrics = new ServerMetrics(engine, options.modelName(), options.vllmMetrics());
        audit.ifPresent(metrics::watch);
        this.rescorer = new Rescorer(
                options.operation().rescoring(),
                metrics,
                () -> models().current().engine());
        this.watch = new EngineWatch(engine, Clock.systemUTC());
        this.models = models(engine);
        metrics.gauge("saiki.shed.level", () -> models().current().shedder().level());
        watch.start();
    }

    private Models models(Engine engine) {
        try {
            return new Models(
                    engine, options.operation().reload().map(ReloadOptions::model), this::generation, this::attach);
        } catch (RuntimeException e) {
            rescorer.close();
            traces.close();
            throw e;
        }
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
        ChatPrompts chats = ChatPrompts.of(options.chatFormat(), engine);
        List<Route> all = new ArrayList<>();
        all.addAll(new HealthEndpoints(presence, watch, engine).routes());
        all.addAll(new ModelEndpoints(model).routes());
        all.addAll(new CompletionEndpoint(model, options.limits(), metrics).routes());
        all.addAll(new ChatEndpoint(model, chats, options.limits(), metrics).routes());
        all.addAll(new ResponsesEndpoint(model, chats, options.limits(), metrics).routes());
        all.addAll(new EmbeddingEndpoint(model, options.limits(), metrics).routes());
        all.addAll(new TokenizerEndpoints(model, chats, options.limits()).routes());
        all.addAll(new InspectEndpoint(model, options.limits()).routes());
        all.addAll(new MonitoringEndpoints(model, metrics).routes());
        all.addAll(new PageEndpoints(model).routes());
        all.addAll(new RouterEndpoint(watch, engine.options().breaker()).routes());
        all.addAll(new AuditEndpoints(audit, callers).routes());
        all.addAll(OpenApiEndpoint.routes());
        all.addAll(DocsEndpoint.routes());
        if (options.operation().reload().filter(ReloadOptions::overHttp).isPresent()) {
            all.addAll(new AdminEndpoints(this::reload, this::goBack).routes());
        }
        return new Generation(number, folder, shedder, version(engine), all);
    }

    /// All tensors are read to tell a model's version, which goes on while the server is answering already. If they
    /// cannot be read, the engine may answer all the same: its records then have no version.
    private Supplier<ModelVersion> version(Engine engine) {
        ModelVersion unknown = new ModelVersion(options.modelName(), "", "");
        if (audit.isEmpty()) {
            return () -> unknown;
        }
        CompletableFuture<ModelVersion> version = CompletableFuture.supplyAsync(
                        () -> ModelVersion.of(options.modelName(), engine.checkpoint()))
                .exceptionally(failure -> {
                    LOG.error("audit records do not tell the model's version, for it cannot be read", failure);
                    return unknown;
                });
        return version::join;
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
                .filter(given -> ID.matcher(given).matches())
                .orElseGet(() -> UUID.randomUUID().toString());
        exchange.setHeader(REQUEST_ID, id);
        try (MDC.MDCCloseable _ = MDC.putCloseable("request_id", id)) {
            answer(exchange, id);
        } catch (ClientGoneException gone) {
            LOG.debug("request {}: the client is gone", id);
            metrics.clientGone();
        } catch (RuntimeException | Error failure) {
            send(exchange, refusal(id, failure));
        }
    }

    /// What the client is told of a failure.
    private static ApiException refusal(String id, Throwable failure) {
        return switch (failure) {
            case ApiException refusal -> refusal;
            case InputException mistake -> ApiException.invalid(mistake);
            case EngineFullException full -> ApiException.full(String.valueOf(full.getMessage()), RETRY_WHEN_FULL);
            default -> {
                if (Thread.interrupted()) {
                    // The server has waited long enough for its last answers.
                    yield ApiException.ending();
                }
                LOG.error("request {} failed", id, failure);
                yield ApiException.broken();
            }
        };
    }

    private void answer(Exchange exchange, String id) {
        foreignPages.refuse(exchange);
        Caller caller = isOpen(exchange.path()) ? Caller.ANYONE : callers.of(exchange);
        Generation generation = models.enter();
        try {
            Route route = find(exchange, generation.routes());
            if (!caller.may(route.access())) {
                throw ApiException.forbidden("this path is not for the role of this API key");
            }
            Optional<AuditTrail> trail = route.work() == Work.ENGINE ? audit : Optional.empty();
            AuditEntry entry = new AuditEntry(trail, generation.version(), id, caller.subject(), route.path());
            switch (route.work()) {
                case NONE -> route.endpoint().answer(exchange);
                case ASIDE -> aside(exchange, route, caller, entry);
                case ENGINE -> work(exchange, route, caller, entry);
            }
        } finally {
            generation.leave();
        }
    }

    /// Does something without the engine, which leaves no record: its entry only tells what it has cost.
    private void aside(Exchange exchange, Route route, Caller caller, AuditEntry entry) {
        limits.enter(caller, exchange);
        try {
            ScopedValue.where(AuditEntry.CURRENT, entry)
                    .run(() -> route.endpoint().answer(exchange));
        } finally {
            entry.spending().ifPresent(spending -> limits.pay(caller, spending));
        }
    }

    private void work(Exchange exchange, Route route, Caller caller, AuditEntry entry) {
        limits.enter(caller, exchange);
        if (!presence.enter()) {
            throw ApiException.ending();
        }
        try {
            audit.ifPresent(AuditTrail::requireRoom);
            record(exchange, route, caller, entry);
        } finally {
            presence.leave();
        }
    }

    /// Makes the engine work, and keeps the record of it however that ends.
    private void record(Exchange exchange, Route route, Caller caller, AuditEntry entry) {
        int status = OK;
        try {
            ScopedValue.where(AuditEntry.CURRENT, entry)
                    .run(() -> route.endpoint().answer(new RecordedExchange(exchange, entry)));
        } catch (ClientGoneException gone) {
            status = STATUS_GONE;
            entry.failed(GONE);
            entry.keep(status);
            throw gone;
        } catch (RuntimeException | Error failure) {
            // Memory that is short for one request is there for the next, and even that one leaves its record.
            ApiException refusal = refusal(entry.requestId(), failure);
            status = refusal.status();
            entry.failed(refusal.code().orElse(refusal.type()));
            entry.keep(status);
            throw refusal;
        } finally {
            traces.tell(exchange, entry, status);
            entry.spending().ifPresent(spending -> limits.pay(caller, spending));
        }
    }

    /// Whether a path is for those too who have no key: orchestrators ask for health, and browsers for pages.
    private static boolean isOpen(String path) {
        return HealthEndpoints.isOpen(path) || PageEndpoints.isPage(path) || DocsEndpoint.isPart(path);
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
        traces.close();
    }
}
