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

/// A model server with OpenAI's API.
///
/// ```java
/// try (Engine engine = Engine.open(Path.of("model"), EngineOptions.DEFAULT);
///         SaikiServer server = SaikiServer.start(engine, ServerOptions.local("model"))) {
///     System.out.println(server.port());
/// }
/// ```
///
/// A virtual thread reads each request, waits for the engine's own thread, and writes the answer. {@link
/// #drain} before {@link #close} lets answers end that are at work.
public final class SaikiServer implements AutoCloseable {

    /// How long requests that were cut off may take to leave their records.
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

    /// Begins to listen, and to warm up, if the options say so.
    ///
    /// @param engine the model, with its tokenizer; must outlive the server
    /// @param options of the server
    /// @return the server, to be closed
    /// @throws InputException if the host is unknown, the port is taken, the audit's files are in use, or those
    ///     of TLS are no certificate and its key
    public static SaikiServer start(Engine engine, ServerOptions options) {
        return start(
                List.of(new ModelChoice(
                        options.modelName(),
                        engine,
                        options.operation().reload().map(ReloadOptions::model),
                        options.chatFormat())),
                options);
    }

    /// Begins to listen with several models, among which requests choose by their names, and to warm up, if the
    /// options say so.
    ///
    /// @param models at least one, each of another name; the first one answers requests that name none. What the
    ///     options say of a single model, its name, its folder and its conversations' form, is not heeded
    /// @param options of the server
    /// @return the server, to be closed
    /// @throws InputException if two have the same name, or as with one model
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
                    throw new InputException("two models have the name " + name + "; each needs one of its own");
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
                : Optional.of(WarmUp.begin(models, options, api.inFlight(), api::becomeWarm));
        return new SaikiServer(http, api, options.drainTime(), audit, warmUp);
    }

    /// Returns where it listens.
    ///
    /// @return the port
    public int port() {
        return http.port();
    }

    /// Lists what is answered.
    ///
    /// @return methods and paths, as `GET /health`
    public List<String> operations() {
        return api.operations();
    }

    /// Serves another checkpoint in place of the one before, which ends what it has begun; it stays open until
    /// the next one takes its place, so that {@link #start}'s engine, too, is closed by the second change of
    /// checkpoints.
    ///
    /// @param name of a folder beside the one that the options name; empty for that one, as it is now
    /// @return name of the folder
    /// @throws InputException if it cannot be served; the old one then goes on
    public String reload(Optional<String> name) {
        return api.reload(Optional.empty(), name).folder();
    }

    /// Serves another checkpoint of one of several models, as {@link #reload(Optional)} does.
    ///
    /// @param model its name
    /// @param folder name of a folder beside the one that it was opened from; empty for that one, as it is now
    /// @return name of the folder
    /// @throws InputException if there is no such model, or it cannot be served; the old one then goes on
    public String reload(String model, Optional<String> folder) {
        return api.reload(Optional.of(model), folder).folder();
    }

    /// Lets only those ask from now on who have one of these keys; what others have begun goes on.
    ///
    /// @param keys all of them
    /// @throws InputException if the server was started without keys
    public void replaceKeys(ApiKeys keys) {
        api.replaceKeys(keys);
    }

    /// Names the models and their adapters, the usual model first.
    ///
    /// @return what requests call them
    public List<String> models() {
        return api.modelNames();
    }

    /// Names the models that can be loaded again: all but adapters, which are loaded again with theirs.
    ///
    /// @return what requests call them
    public List<String> loadableModels() {
        return api.loadableNames();
    }

    /// Takes no more work, and waits for what is at work as long as the options say. Work that is asked for
    /// meanwhile is refused with 503, and each connection ends behind its next answer. This goes on for a second,
    /// or until no client is connected.
    ///
    /// @return whether all of it ended in time
    public boolean drain() {
        warmUp.ifPresent(WarmUp::close);
        http.endConnections();
        boolean inTime = api.drain(drainTime);
        http.awaitFarewell(drainTime);
        return inTime;
    }

    /// Stops listening, and cuts off what is at work.
    @Override
    public void close() {
        warmUp.ifPresent(WarmUp::close);
        api.drain(Duration.ZERO);
        http.close();
        // Those that were cut off have records to leave.
        api.drain(LAST_RECORDS);
        api.close();
        audit.ifPresent(AuditTrail::close);
    }
}
