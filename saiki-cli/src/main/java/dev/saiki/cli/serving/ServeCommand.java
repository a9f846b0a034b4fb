package dev.saiki.cli.serving;

import dev.saiki.chat.ChatFormat;
import dev.saiki.checkpoint.CertifiedEffort;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.BuiltInModel;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki serve`: an OpenAI-compatible server, which runs until it is stopped.
@Command(name = "serve", abbreviateSynopsis = true)
public final class ServeCommand extends ConsoleCommand {

    @Option(names = "--model", paramLabel = "[NAME=]DIR")
    private List<String> models = new ArrayList<>();

    @Option(names = "--adapter", paramLabel = "NAME=DIR")
    private List<String> adapters = new ArrayList<>();

    @Option(names = "--name", paramLabel = "NAME")
    private @Nullable String modelName;

    /// Accepts the model's name under the option's earlier name.
    @SuppressWarnings("UnusedMethod") // Picocli calls it.
    @Option(names = "--model-name", paramLabel = "NAME", hidden = true)
    void setModelName(String name) {
        modelName = name;
    }

    @Option(names = "--chat-format", paramLabel = "NAME")
    private @Nullable ChatFormat chatFormat;

    @Option(names = "--effort", paramLabel = "certified")
    private @Nullable EffortChoice effort;

    @SuppressWarnings("UnusedVariable") // `ServeConfig` reads it before picocli does.
    @Option(names = "--config", paramLabel = "FILE")
    private @Nullable Path config;

    @SuppressWarnings("UnusedVariable") // `ServeHelp` reads it.
    @Option(names = "--help-all", usageHelp = true)
    private boolean helpAll;

    @ArgGroup(validate = false, heading = "%nListening%n")
    private ListenFlags listening = new ListenFlags();

    @ArgGroup(validate = false, heading = "%nAccess%n")
    private AccessFlags access = new AccessFlags();

    @ArgGroup(validate = false, heading = "%nEngine%n")
    private EngineFlags engineChoice = new EngineFlags();

    @ArgGroup(validate = false, heading = "%nLimits%n")
    private LimitFlags limits = new LimitFlags();

    @ArgGroup(validate = false, heading = "%nLoad%n")
    private SheddingFlags shedding = new SheddingFlags();

    @ArgGroup(validate = false, heading = "%nCircuit breaker%n")
    private BreakerFlags breakerChoice = new BreakerFlags();

    @ArgGroup(validate = false, heading = "%nShutdown%n")
    private ShutdownFlags shutdown = new ShutdownFlags();

    @ArgGroup(validate = false, heading = "%nAudit%n")
    private AuditFlags auditChoice = new AuditFlags();

    @ArgGroup(validate = false, heading = "%nLogs, metrics and traces%n")
    private MonitoringFlags monitoring = new MonitoringFlags();

    @Override
    protected void run() throws IOException, InterruptedException {
        monitoring.startLog();
        List<ModelArgument> served = served();
        List<ModelArgument> added = ModelArgument.adapters(adapters, served);
        // Invalid options are rejected before a model is opened.
        ServerOptions options = serverOptions(served.getFirst());
        EngineOptions engineOptions = breakerChoice.addTo(limits.addTo(engineChoice.options()));
        if (served.size() > 1 || limits.memoryBytes().isPresent()) {
            MemoryBudget.of(limits.memoryBytes()).require(served, added, engineOptions);
        }
        if (effort == EffortChoice.CERTIFIED) {
            served.stream()
                    .map(model -> CheckpointDirectory.open(model.folder()))
                    .forEach(model -> CertifiedEffort.require(
                            model, engineOptions.weightsOf(model).key()));
        }
        CountDownLatch end = new CountDownLatch(1);
        try (ShutdownListener _ = ShutdownListener.listen(end::countDown);
                OpenModels open = OpenModels.open(served, added, engineOptions, Optional.ofNullable(chatFormat));
                SaikiServer server = SaikiServer.start(open.choices(), options)) {
            log("serving " + String.join(", ", server.models()) + " at http"
                    + (options.listen().tls().isPresent() ? "s" : "") + "://"
                    + options.listen().host() + ":" + server.port()
                    + "/v1, pages at /ui (Ctrl-C ends)");
            if (!HangupListener.listen(() -> reload(server))) {
                log("SIGHUP is ignored, as under nohup, and cannot reload the model; a POST to /admin/reload can"
                        + (access.admin() ? "" : ", with --admin"));
            }
            end.await();
            shutdown.end(server::announceEnd, server::drain, this::log);
        }
    }

    /// The models of the options, or the built-in one.
    private List<ModelArgument> served() {
        if (models.isEmpty()) {
            log(BuiltInModel.USED);
        }
        return ModelArgument.all(models.isEmpty() ? List.of(BuiltInModel.NAME) : models, modelName).stream()
                .map(model ->
                        new ModelArgument(model.name(), BuiltInModel.folderOf(model.folder(), console.environment())))
                .toList();
    }

    private void reload(SaikiServer server) {
        reloadKeys(server);
        List<String> names = server.loadableModels();
        for (String name : names) {
            String which = names.size() == 1 ? "" : " as " + name;
            try {
                log("reloaded: " + server.reload(name, Optional.empty()) + " is served" + which);
            } catch (RuntimeException refusal) {
                log("not reloaded" + which + ", the previous model stays: " + refusal.getMessage());
            }
        }
    }

    private void reloadKeys(SaikiServer server) {
        try {
            Optional<ApiKeys> keys = access.keys();
            if (keys.isPresent()) {
                server.replaceKeys(keys.get());
                log("reloaded: the keys");
            }
        } catch (IOException | RuntimeException refusal) {
            log("the keys are not reloaded, the previous ones stay: " + refusal.getMessage());
        }
    }

    /// Prints a message, or logs it if the log is JSON.
    private void log(String message) {
        if (monitoring.logFormat() == LogFormat.JSON) {
            LoggerFactory.getLogger(ServeCommand.class).info(message);
        } else {
            note(message);
        }
    }

    private ServerOptions serverOptions(ModelArgument first) throws IOException {
        ServerOptions.Builder options = ServerOptions.builder(first.name());
        listening.addTo(options);
        access.addTo(options, first.folder(), effort == EffortChoice.CERTIFIED);
        limits.addTo(options);
        options.drainTime(shutdown.drainTime());
        shedding.addTo(options, effort == EffortChoice.CERTIFIED);
        monitoring.addTo(options);
        auditChoice.options().ifPresent(options::audit);
        return options.build();
    }
}
