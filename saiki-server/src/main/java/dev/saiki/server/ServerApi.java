package dev.saiki.server;

import dev.saiki.chat.ChatPrompts;
import dev.saiki.checkpoint.CertifiedEffort;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.engine.Engine;
import dev.saiki.http.ApiException;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.origin.CrossOrigin;
import dev.saiki.http.origin.ForeignPages;
import dev.saiki.io.InputException;
import dev.saiki.server.access.AzurePaths;
import dev.saiki.server.access.BucketSource;
import dev.saiki.server.access.Callers;
import dev.saiki.server.access.Endpoint;
import dev.saiki.server.access.Filter;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.OwnBuckets;
import dev.saiki.server.access.RateLimits;
import dev.saiki.server.access.RecordingFilter;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.RequestHandler;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.RouteTable;
import dev.saiki.server.access.SharedBuckets;
import dev.saiki.server.anthropic.messages.MessageErrors;
import dev.saiki.server.anthropic.messages.MessagesReader;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.audit.ModelVersion;
import dev.saiki.server.deployment.AdaptedModel;
import dev.saiki.server.deployment.EffortGuard;
import dev.saiki.server.deployment.InFlightRequests;
import dev.saiki.server.deployment.LoadShedder;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.ModelMonitors;
import dev.saiki.server.deployment.ModelRegistry;
import dev.saiki.server.deployment.Rescorer;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.deployment.ServedModels;
import dev.saiki.server.generation.CallReader;
import dev.saiki.server.generation.GenerationEndpoint;
import dev.saiki.server.inspect.InspectEndpoint;
import dev.saiki.server.metrics.EngineMonitor;
import dev.saiki.server.metrics.JvmSeries;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.ModelEndpoints;
import dev.saiki.server.openai.TokenizerEndpoints;
import dev.saiki.server.openai.chat.ChatReader;
import dev.saiki.server.openai.completions.CompletionReader;
import dev.saiki.server.openai.embeddings.EmbeddingEndpoint;
import dev.saiki.server.openai.responses.ResponsesReader;
import dev.saiki.server.operations.AdminEndpoints;
import dev.saiki.server.operations.AuditEndpoints;
import dev.saiki.server.operations.HealthEndpoints;
import dev.saiki.server.operations.HistoryEndpoint;
import dev.saiki.server.operations.MonitoringEndpoints;
import dev.saiki.server.operations.RouterEndpoint;
import dev.saiki.server.pages.DocsEndpoint;
import dev.saiki.server.pages.OpenApiEndpoint;
import dev.saiki.server.pages.PageEndpoints;
import dev.saiki.server.settings.AccessOptions;
import dev.saiki.server.settings.AdapterChoice;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.tracing.OtlpTraces;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// The wiring of a server: its models, routes, and filters.
final class ServerApi implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServerApi.class);

    private final ServerOptions options;
    private final Optional<AuditTrail> audit;
    private final ServerMetrics metrics;
    private final ServedModels models;
    private final Map<EffortCertificate, EffortGuard> guards = new ConcurrentHashMap<>();
    private final InFlightRequests inFlight;
    private final Optional<OtlpTraces> traces;
    private final BucketSource buckets;
    private final AtomicReference<Optional<ApiKeys>> keys;
    private final JvmSeries process;
    private final RouteTable routes;
    private final RequestHandler handler;

    /// Wires the API of models.
    ///
    /// @param choices the models, the default one first; their engines must outlive the API
    /// @param options the options of the server
    /// @param audit the trail in which records are stored; must outlive the API
    ServerApi(List<ModelChoice> choices, ServerOptions options, Optional<AuditTrail> audit) {
        this.options = options;
        this.audit = audit;
        ModelChoice usual = choices.getFirst();
        this.metrics = new ServerMetrics(usual.engine(), usual.name(), options.vllmMetrics());
        audit.ifPresent(metrics::watch);
        this.models = new ServedModels(served(choices));
        this.inFlight = new InFlightRequests(
                () -> models.engines().stream().allMatch(Engine::isRunning),
                options.operation().warmUp().isZero());
        // A lambda, because a method reference would load the classes of OpenTelemetry even if nothing is traced.
        this.traces = options.otlp().map(collector -> new OtlpTraces(collector));
        this.keys = new AtomicReference<>(options.access().apiKeys());
        this.buckets = options.access().sharedLimits().isPresent()
                ? new SharedBuckets(options.access().sharedLimits().get())
                : new OwnBuckets();
        if (options.access().sharedLimits().isPresent()) {
            metrics.gauge("saiki.limits.shared", () -> buckets.isShared() ? 1 : 0);
        }
        this.process = metrics.process();
        this.routes = new RouteTable(routes(), filters());
        List<Filter> first =
                List.of(originFilter(options), new Callers(keys::get, ServerApi::isOpen), new AzurePaths());
        this.handler = new RequestHandler(models, metrics, first, routes, audit, ServerApi::error);
    }

    /// Creates the filter that determines which web pages may call the server from a browser.
    private static Filter originFilter(ServerOptions options) {
        AccessOptions access = options.access();
        CrossOrigin crossOrigin = new CrossOrigin(access.allowedOrigins());
        ForeignPages foreign =
                new ForeignPages(options.listen(), access.apiKeys().isEmpty(), access.allowedOrigins());
        return (request, next) -> {
            if (!crossOrigin.answersPreflight(request.exchange())) {
                foreign.refuse(request.exchange());
                next.answer(request);
            }
        };
    }

    /// All models, followed by their adapters.
    private List<ServedModel> served(List<ModelChoice> choices) {
        List<ServedModel> all = new ArrayList<>();
        List<ServedModel> adapted = new ArrayList<>();
        for (ModelChoice choice : choices) {
            ModelRegistry base = registry(choice);
            all.add(base);
            choice.adapters().forEach(adapter -> adapted.add(adapted(base, adapter)));
        }
        all.addAll(adapted);
        return all;
    }

    private AdaptedModel adapted(ModelRegistry base, AdapterChoice choice) {
        ServerMetrics own = metrics.ofAdapter(choice.name());
        Rescorer rescorer = new Rescorer(options.operation().rescoring(), own, () -> models.engines());
        ModelMonitors monitors =
                new ModelMonitors(choice.name(), own, base.monitors().watch(), rescorer);
        return new AdaptedModel(
                base,
                choice,
                monitors,
                // An adapter has no effort guard, because its answers are no evidence about the certified model.
                (engine, host) -> new ModelDeployment(
                        host.number(),
                        host.folder(),
                        monitors,
                        new LoadShedder(engine, options.operation().shedding()),
                        host.chats(),
                        version(choice.name(), engine, host),
                        Optional.empty(),
                        Optional.of(host)));
    }

    /// Returns the version of a model with an adapter: a hash of both.
    private Supplier<ModelVersion> version(String name, Engine engine, ModelDeployment host) {
        AdapterDirectory adapter = engine.adapter().orElseThrow();
        return () -> {
            ModelVersion base = host.version().get();
            return base.version().isEmpty()
                    ? new ModelVersion(name, "", "")
                    : new ModelVersion(
                            name,
                            ContentHash.of(
                                    base.version() + " " + adapter.config(),
                                    adapter.tensors().values()),
                            base.router());
        };
    }

    private ModelRegistry registry(ModelChoice choice) {
        boolean isUsual = choice.name().equals(metrics.modelName());
        ServerMetrics own = isUsual ? metrics : metrics.beside(choice.engine(), choice.name());
        EngineMonitor watch = new EngineMonitor(choice.engine(), own, Clock.systemUTC());
        guard(choice.engine()).ifPresent(EffortGuard::requireNotRevoked);
        Rescorer rescorer = new Rescorer(options.operation().rescoring(), own, () -> models.engines());
        ModelMonitors monitors = new ModelMonitors(choice.name(), own, watch, rescorer);
        ModelRegistry registry = new ModelRegistry(
                monitors,
                choice.engine(),
                choice.folder(),
                engine -> {
                    if (isCertified()) {
                        guard(engine).ifPresent(EffortGuard::requireNotRevoked);
                        CertifiedEffort.require(
                                engine.checkpoint(), engine.weightFormat().key());
                    }
                },
                (engine, number, folder) -> new ModelDeployment(
                        number,
                        folder,
                        monitors,
                        new LoadShedder(engine, options.operation().shedding()),
                        prompts(choice, engine),
                        version(choice.name(), engine),
                        guard(engine),
                        Optional.empty()));
        own.gauge(
                "saiki.certificate.revoked",
                () -> registry.current()
                        .guard()
                        .filter(EffortGuard::isRevoked)
                        .map(_ -> 1)
                        .orElse(0));
        own.gauge(
                "saiki.certificate.evidence.log",
                () -> registry.current().guard().map(EffortGuard::logEvidence).orElse(0.0));
        own.gauge("saiki.shed.level", () -> registry.current().shedder().level());
        watch.start();
        return registry;
    }

    private static ChatPrompts prompts(ModelChoice choice, Engine engine) {
        try {
            return ChatPrompts.of(choice.chatFormat(), engine);
        } catch (InputException problem) {
            throw new InputException("model " + choice.name() + ": " + problem.getMessage(), problem);
        }
    }

    /// The guard of a model that is served as certified: the same one for all deployments with the same certificate,
    /// since its evidence outlives reloads and rollbacks.
    private Optional<EffortGuard> guard(Engine engine) {
        CheckpointDirectory checkpoint = engine.checkpoint();
        return checkpoint
                .manifest()
                .filter(_ -> isCertified())
                .map(Manifest::provenance)
                .flatMap(Provenance::certificate)
                .map(certificate -> guards.computeIfAbsent(
                        certificate,
                        known -> new EffortGuard(
                                known,
                                engine.config().numRecursions(),
                                options.operation().effortEvidence().orElse(checkpoint.path()))));
    }

    private boolean isCertified() {
        return options.operation().reload().filter(ReloadOptions::certified).isPresent();
    }

    /// A model's version is a hash of all its tensors, computed in the background while the server is already
    /// answering. If the tensors cannot be read, the engine may still work, but records have no version.
    private Supplier<ModelVersion> version(String name, Engine engine) {
        ModelVersion unknown = new ModelVersion(name, "", "");
        CompletableFuture<ModelVersion> version = CompletableFuture.supplyAsync(
                        () -> ModelVersion.of(name, engine.checkpoint()))
                .exceptionally(failure -> {
                    LOG.error("the model's version is unknown, because its tensors cannot be read", failure);
                    return unknown;
                });
        return version::join;
    }

    private List<Route> routes() {
        RequestLimits limits = options.limits();
        ResponsesReader responses = new ResponsesReader(limits);
        MessagesReader messages = new MessagesReader(limits);
        List<Route> all = new ArrayList<>();
        all.addAll(new HealthEndpoints(inFlight, models, options.operation().unreadyFrom()).routes());
        all.addAll(new ModelEndpoints(models).routes());
        all.add(generating("/v1/completions", new CompletionReader(limits)));
        all.add(generating("/v1/chat/completions", new ChatReader(limits)));
        all.add(generating("/v1/responses", responses));
        all.add(new Route("POST", "/v1/responses/input_tokens", Metering.LIMITED, responses::count));
        all.add(generating(MessageErrors.PATH, messages));
        all.add(new Route("POST", MessageErrors.PATH + "/count_tokens", Metering.LIMITED, messages::count));
        all.add(new Route("POST", "/v1/embeddings", Metering.RECORDED, new EmbeddingEndpoint(limits)));
        all.addAll(new TokenizerEndpoints(limits).routes());
        all.add(new Route("POST", "/inspect", Metering.RECORDED, new InspectEndpoint(limits)));
        all.addAll(new MonitoringEndpoints(models).routes());
        all.addAll(new PageEndpoints(audit.isPresent()).routes());
        all.addAll(RouterEndpoint.routes());
        all.addAll(HistoryEndpoint.routes());
        all.addAll(new AuditEndpoints(audit).routes());
        all.addAll(OpenApiEndpoint.routes(metrics.modelName()));
        all.addAll(DocsEndpoint.routes());
        if (options.operation().reload().filter(ReloadOptions::overHttp).isPresent()) {
            all.addAll(new AdminEndpoints(
                            this::reload, name -> models.loadable(name).rollBack())
                    .routes());
        }
        return all;
    }

    private Route generating(String path, CallReader reader) {
        Endpoint endpoint = new GenerationEndpoint(reader, options.limits().bodyBytes());
        return new Route("POST", path, Metering.RECORDED, endpoint);
    }

    private Map<Metering, List<Filter>> filters() {
        RateLimits limits = new RateLimits(buckets);
        return Map.of(
                Metering.LIMITED,
                List.of(limits),
                Metering.RECORDED,
                List.of(limits, this::admit, new RecordingFilter(audit, traces)));
    }

    /// Counts a request as in flight until it is answered, or refuses it if the server is shutting down.
    private void admit(Request request, Endpoint next) {
        if (!inFlight.enter()) {
            throw ApiException.ending();
        }
        try {
            next.answer(request);
        } finally {
            inFlight.leave();
        }
    }

    /// Renders an error in the protocol of its path.
    private static ObjectNode error(String path, String id, ApiException refusal) {
        return path.startsWith(MessageErrors.PATH) ? MessageErrors.of(refusal).put("request_id", id) : refusal.toJson();
    }

    /// Whether a path needs no key: orchestrators call the health checks, and browsers load pages.
    private static boolean isOpen(String path) {
        return HealthEndpoints.isOpen(path) || PageEndpoints.isPage(path) || DocsEndpoint.isPart(path);
    }

    /// Replaces the accepted keys.
    ///
    /// @throws InputException if the server was started without keys
    void replaceKeys(ApiKeys others) {
        if (keys.get().isEmpty()) {
            throw new InputException("this server was started without keys and stays open to everyone");
        }
        keys.set(Optional.of(others));
    }

    /// Loads another checkpoint of a model, and serves it if possible.
    ///
    /// @param name the name of the model; may be omitted if there is only one model
    /// @param folder the name of a folder beside the one that the model was first opened from; empty to load that
    ///     folder again
    /// @return the deployment that is now served
    /// @throws InputException if the checkpoint cannot be served; the old one then stays in use
    ModelDeployment reload(Optional<String> name, Optional<String> folder) {
        ServedModel model = models.loadable(name);
        try {
            ModelDeployment served = model.load(folder);
            model.monitors().metrics().reloaded(true);
            return served;
        } catch (RuntimeException refusal) {
            model.monitors().metrics().reloaded(false);
            LOG.error("the checkpoint cannot be served; the current one stays in use", refusal);
            throw refusal;
        }
    }

    /// Returns the names of the models, the default one first.
    List<String> modelNames() {
        return models.names();
    }

    /// Returns the names of the models that are not adapters.
    List<String> loadableNames() {
        return models.loadableNames();
    }

    /// Lists the routes.
    ///
    /// @return methods and paths, such as `GET /health`
    List<String> operations() {
        return routes.operations();
    }

    /// The entry point of all requests.
    RequestHandler handler() {
        return handler;
    }

    /// The requests in flight.
    InFlightRequests inFlight() {
        return inFlight;
    }

    /// Stops all monitors, and closes the checkpoints loaded since the start.
    @Override
    public void close() {
        models.close();
        traces.ifPresent(open -> open.close());
        buckets.close();
        process.close();
    }
}
