package dev.saiki.cli.serving;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ChatFormat;
import dev.saiki.server.settings.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki serve`: an OpenAI-compatible server, until it is told to end.
@Command(
        name = "serve",
        description = "Answer requests over HTTP, as OpenAI's API has it, until Ctrl-C or SIGTERM: answers that are at"
                + " work are then finished.")
public final class ServeCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What requests call the model (default: the name of its folder, or of that above `last`).")
    private @Nullable String modelName;

    /// Takes the model's name under the option's earlier name.
    @SuppressWarnings("UnusedMethod") // Picocli calls it.
    @Option(names = "--model-name", paramLabel = "NAME", hidden = true)
    void setModelName(String name) {
        modelName = name;
    }

    @Option(
            names = "--chat-format",
            paramLabel = "NAME",
            description = "How conversations become text: template (the checkpoint's own), plain (User: and Assistant:"
                    + " before what was said), chatml, or none (default: template if there is one, chatml if the"
                    + " tokenizer has its tokens, otherwise plain).")
    private @Nullable ChatFormat chatFormat;

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

    @ArgGroup(validate = false, heading = "%nAudit%n")
    private AuditFlags auditChoice = new AuditFlags();

    @ArgGroup(validate = false, heading = "%nLogs, metrics and traces%n")
    private MonitoringFlags monitoring = new MonitoringFlags();

    public ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        monitoring.startLog();
        ServerOptions.Builder choices = serverOptions();
        // What is wrong is refused before the model is opened, which alone tells the format of conversations.
        ServerOptions options = choices.build();
        EngineOptions engineOptions = breakerChoice.addTo(limits.addTo(engineChoice.options()));
        CountDownLatch end = new CountDownLatch(1);
        try (ShutdownListener _ = ShutdownListener.listen(end::countDown);
                Engine engine = Engine.open(model, engineOptions);
                SaikiServer server = SaikiServer.start(
                        engine, choices.chatFormat(format(engine)).build())) {
            say("serving " + options.modelName() + " at http"
                    + (options.listen().tls().isPresent() ? "s" : "") + "://"
                    + options.listen().host() + ":" + server.port()
                    + "/v1, pages at /ui (Ctrl-C ends)");
            if (!HangupListener.listen(() -> reload(server))) {
                say("SIGHUP is ignored, as under nohup, and reloads nothing: a POST to /admin/reload does"
                        + (access.admin() ? "" : ", with --admin"));
            }
            end.await();
            say("ending: answers that are at work are finished");
            if (!server.drain()) {
                say("some were not done after " + limits.drainSeconds() + " s, and are cut off");
            }
        }
        return ExitCode.DONE;
    }

    private void reload(SaikiServer server) {
        try {
            say("reloaded: " + server.reload(Optional.empty()) + " is served");
        } catch (RuntimeException refusal) {
            say("not reloaded, the model before goes on: " + refusal.getMessage());
        }
    }

    /// Says what happens, in the form of the log.
    private void say(String message) {
        if (monitoring.logFormat() == LogFormat.JSON) {
            LoggerFactory.getLogger(ServeCommand.class).info(message);
        } else {
            console.err().println(message);
        }
    }

    private ServerOptions.Builder serverOptions() throws IOException {
        String name = modelName == null ? CheckpointDirectory.nameOf(model) : modelName;
        ServerOptions.Builder options = ServerOptions.builder(name);
        listening.addTo(options);
        access.addTo(options, model);
        limits.addTo(options);
        shedding.addTo(options);
        monitoring.addTo(options);
        auditChoice.options().ifPresent(options::audit);
        return options;
    }

    private ChatFormat format(Engine engine) throws IOException {
        return chatFormat == null ? ChatFormat.of(engine.checkpoint().path(), engine.tokenizer()) : chatFormat;
    }
}
