package dev.saiki.server;

import dev.saiki.engine.Engine;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditOptions;
import dev.saiki.server.audit.AuditTrail;
import dev.saiki.server.settings.AdapterChoice;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A model server with OpenAI's and Anthropic's APIs.
///
/// ```java
/// try (Engine engine = Engine.open(Path.of("model"), EngineOptions.DEFAULT);
///         SaikiServer server = SaikiServer.start(engine, ServerOptions.builder("model").build())) {
///     System.out.println(server.port());
/// }
/// ```
///
/// The virtual thread of a connection reads a request, waits for the engine's thread, and writes the answer. Call
/// {@link #drain} before {@link #close} to let running answers finish.
public final class SaikiServer implements AutoCloseable {

    /// The time in which cancelled requests may write their audit records.
    private static final Duration LAST_RECORDS = Duration.ofSeconds(5);

    private final ExchangeServer http;
    private final ServerApi api;
    private final Duration drainTime;
    private final Optional<AuditTrail> audit;
    private final Optional<WarmUp> warmUp;

    private SaikiServer(
            ExchangeServer http,
            ServerApi api,
            Duration drainTime,
            Optional<AuditTrail> audit,
            Optional<WarmUp> warmUp) {
        this.http = http;
        this.api = api;
        this.drainTime = drainTime;
        this.audit = audit;
        this.warmUp = warmUp;
    }

    /// Starts a listening server, with a warm-up if the options request one.
    ///
    /// @param engine the model, with its tokenizer; must outlive the server
    /// @param options the options of the server
    /// @return the server, to be closed
    /// @throws InputException if the host is unknown, the port or the audit's files are in use, or the TLS files
    ///     are not a certificate and its key
    public static SaikiServer start(Engine engine, ServerOptions options) {
        return start(
                List.of(new ModelChoice(
                        options.modelName(),
                        engine,
                        options.operation().reload().map(ReloadOptions::model),
                        options.chatFormat())),
                options);
    }

    /// Starts a server of several models, which requests select by name, with a warm-up if the options request
    /// one.
    ///
    /// @param models at least one, with distinct names; the first one answers requests that name no model. The
    ///     server options of a single model (name, folder and chat format) are ignored
    /// @param options the options of the server
    /// @return the server, to be closed
    /// @throws InputException if two models have the same name, or for the reasons of
    ///     {@link #start(Engine, ServerOptions)}
    public static SaikiServer start(List<ModelChoice> models, ServerOptions options) {
        requireDistinct(models);
        Optional<AuditTrail> audit = options.audit().map(SaikiServer::trail);
        try {
            return listening(models, new ServerApi(models, options, audit), options, audit);
        } catch (RuntimeException e) {
            audit.ifPresent(AuditTrail::close);
            throw e;
        }
    }

    private static void requireDistinct(List<ModelChoice> models) {
        List<String> names = models.stream()
                .flatMap(model -> Stream.concat(
                        Stream.of(model.name()), model.adapters().stream().map(AdapterChoice::name)))
                .toList();
        names.stream()
                .filter(name -> names.indexOf(name) != names.lastIndexOf(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException("two models are named " + name + "; give each its own name");
                });
    }

    private static AuditTrail trail(AuditOptions options) {
        try {
            return AuditTrail.open(options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SaikiServer listening(
            List<ModelChoice> models, ServerApi api, ServerOptions options, Optional<AuditTrail> audit) {
        ExchangeServer http;
        try {
            http = ExchangeServer.start(options.listen(), api.handler()::handle);
        } catch (RuntimeException e) {
            api.close();
            throw e;
        }
        Optional<WarmUp> warmUp = options.operation().warmUp().isZero()
                ? Optional.empty()
                : Optional.of(WarmUp.begin(models, options, api.inFlight(), api.inFlight()::becomeWarm));
        return new SaikiServer(http, api, options.drainTime(), audit, warmUp);
    }

    /// Returns the port that the server listens on.
    ///
    /// @return the port
    public int port() {
        return http.port();
    }

    /// Lists the routes.
    ///
    /// @return methods and paths, such as `GET /health`
    public List<String> operations() {
        return api.operations();
    }

    /// Replaces the served checkpoint by another one. The old checkpoint finishes the requests that it has
    /// started, and stays open for a rollback until the next replacement. Therefore the second replacement
    /// also closes the engine that was given to {@link #start}.
    ///
    /// @param name the name of a folder beside the one in the options; empty to load the folder in the
    ///     options again
    /// @return the name of the loaded folder
    /// @throws InputException if the checkpoint cannot be served; the old checkpoint then stays in use
    public String reload(Optional<String> name) {
        return api.reload(Optional.empty(), name).folder();
    }

    /// Replaces the checkpoint of one of several models, like {@link #reload(Optional)} for a single model.
    ///
    /// @param model the name of the model
    /// @param folder the name of a folder beside the one that the model was first opened from; empty to load that
    ///     folder again
    /// @return the name of the loaded folder
    /// @throws InputException if there is no such model, or its checkpoint cannot be served; the old checkpoint
    ///     then stays in use
    public String reload(String model, Optional<String> folder) {
        return api.reload(Optional.of(model), folder).folder();
    }

    /// Replaces the accepted keys. Requests in flight are not affected.
    ///
    /// @param keys all accepted keys
    /// @throws InputException if the server was started without keys
    public void replaceKeys(ApiKeys keys) {
        api.replaceKeys(keys);
    }

    /// Returns the names of the models and their adapters, the default model first.
    ///
    /// @return the names
    public List<String> models() {
        return api.modelNames();
    }

    /// Returns the names of the models that can be reloaded: all but adapters, which are reloaded with their
    /// models.
    ///
    /// @return the names
    public List<String> loadableModels() {
        return api.loadableNames();
    }

    /// Makes readiness checks fail, because the server will end soon. It still accepts requests.
    public void announceEnd() {
        warmUp.ifPresent(WarmUp::close);
        api.inFlight().announceEnd();
    }

    /// Waits for the requests in flight, for at most the time that the options allow. During the wait, new
    /// requests are refused with 503, and each connection is closed after its next response. In the first
    /// second of the drain, the method also waits until no client is connected.
    ///
    /// @return whether all requests ended in time
    public boolean drain() {
        warmUp.ifPresent(WarmUp::close);
        http.endConnections();
        boolean inTime = api.inFlight().drain(drainTime);
        http.awaitClosed(drainTime);
        return inTime;
    }

    /// Stops listening, and cancels the requests in flight.
    @Override
    public void close() {
        warmUp.ifPresent(WarmUp::close);
        api.inFlight().drain(Duration.ZERO);
        http.close();
        // Waits while cancelled requests write their audit records.
        api.inFlight().drain(LAST_RECORDS);
        api.close();
        audit.ifPresent(AuditTrail::close);
    }
}
