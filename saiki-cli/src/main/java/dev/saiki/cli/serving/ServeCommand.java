package dev.saiki.cli.serving;

import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.io.InputException;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.AllowedOrigins;
import dev.saiki.server.settings.ApiKeys;
import dev.saiki.server.settings.ChatFormat;
import dev.saiki.server.settings.ConnectionLimits;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import dev.saiki.server.settings.TlsOptions;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki serve`: an OpenAI-compatible server, until it is told to end.
@Command(
        name = "serve",
        description = "Answer requests over HTTP, as OpenAI's API has it, until Ctrl-C or SIGTERM: answers that are at"
                + " work are then finished.")
public final class ServeCommand implements Callable<Integer> {

    private static final int BYTES_A_MIB = 1 << 20;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A checkpoint folder.")
    private Path model = Path.of("");

    @Option(
            names = "--model-name",
            paramLabel = "NAME",
            description = "What requests call the model (default: the folder's name).")
    private @Nullable String modelName;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Where to listen; 0.0.0.0 takes requests from other machines (default: 127.0.0.1).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "" + ServerOptions.DEFAULT_PORT,
            description = "The port; 0 takes a free one (default: " + ServerOptions.DEFAULT_PORT + ").")
    private int port;

    @Mixin
    private EngineFlags engineChoice = new EngineFlags();

    @Mixin
    private BreakerFlags breakerChoice = new BreakerFlags();

    @Option(
            names = "--cache-mib",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Most memory for keys and values, in MiB (default: 1024).")
    private int cacheMib;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            defaultValue = "256",
            description = "Most answers written at the same time (default: 256).")
    private int maxSequences;

    @Option(
            names = "--max-waiting",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Most answers that wait; requests beyond get status 429 (default: 1024).")
    private int maxWaiting;

    @Option(
            names = "--max-choices",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most answers to one request: its prompts, times n (default: 128).")
    private int maxChoices;

    @Option(
            names = "--max-answer-tokens",
            paramLabel = "N",
            defaultValue = "1048576",
            description = "Most tokens of all answers to one request, those that logprobs name in place of each and"
                    + " those of repeated prompts counted, since they are held until they are sent"
                    + " (default: 1048576).")
    private long maxAnswerTokens;

    @Option(
            names = "--max-body-bytes",
            paramLabel = "N",
            defaultValue = "4194304",
            description = "Longest request (default: 4194304).")
    private int maxBodyBytes;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Most connections at the same time; others wait until one of them ends (default: 4096).")
    private int maxConnections;

    @Option(
            names = "--request-seconds",
            paramLabel = "S",
            defaultValue = "600",
            description = "Longest time that an answer may take (default: 600).")
    private double requestSeconds;

    @Option(
            names = "--drain-seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "How long answers may go on after Ctrl-C or SIGTERM (default: 30).")
    private double drainSeconds;

    @Option(
            names = "--chat-format",
            paramLabel = "NAME",
            description = "How conversations become text: template (the checkpoint's own), plain (User: and Assistant:"
                    + " before what was said), chatml, or none (default: template if there is one, chatml if the"
                    + " tokenizer has its tokens, otherwise plain).")
    private @Nullable ChatFormat chatFormat;

    @Option(
            names = "--api-keys",
            paramLabel = "FILE",
            description =
                    "Who may ask: on each line a name, the SHA-256 hash of a key, and, if wanted, user, operator or"
                            + " auditor, requests=N and tokens=N a minute (default: everyone).")
    private @Nullable Path apiKeys;

    @Option(
            names = "--allowed-origins",
            paramLabel = "ORIGIN",
            split = ",",
            description = "Pages of these sites may ask from a browser, such as https://chat.example.com; * for all"
                    + " (default: this server's own pages).")
    private List<String> allowedOrigins = List.of();

    @Option(
            names = "--shed-floor",
            paramLabel = "F",
            defaultValue = "0.5",
            description = "While many wait, new requests that say nothing about depth get less of it, step by step down"
                    + " to this effort, or this share of the recursions where there is no such dial; 1 sheds nothing"
                    + " (default: 0.5).")
    private double shedFloor;

    @Option(
            names = "--shed-from",
            paramLabel = "F",
            defaultValue = "0.25",
            description = "How full the queue of --max-waiting is when that begins, from 0 to 1 (default: 0.25).")
    private double shedFrom;

    @Option(
            names = "--rescore-fraction",
            paramLabel = "F",
            defaultValue = "0.01",
            description = "Share of the answers that are scored again at full depth when nobody waits, to measure what"
                    + " the router's savings cost; 0 for none (default: 0.01).")
    private double rescoreFraction;

    @Option(
            names = "--log-format",
            paramLabel = "NAME",
            defaultValue = "plain",
            description = "How the log is written to standard error: plain, or json for one object a line"
                    + " (default: plain).")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(
            names = "--admin",
            description = "Let /admin/reload and /admin/rollback change the model while it runs; SIGHUP reloads it in"
                    + " any case.")
    private boolean admin;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "Answer over TLS, with this certificate and those up to a known one, in PEM.")
    private @Nullable Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key, in PEM.")
    private @Nullable Path tlsKey;

    @Mixin
    private AuditFlags auditChoice = new AuditFlags();

    @Option(
            names = "--otlp",
            paramLabel = "URL",
            description = "Tell a collector of traces, which listens here for OTLP over HTTP, what happens to requests"
                    + " (default: nobody is told).")
    private @Nullable URI otlp;

    @Option(names = "--vllm-metrics", description = "Give the series of /metrics vLLM's names too.")
    private boolean vllmMetrics;

    public ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        logFormat.apply();
        ServerOptions.Builder choices = serverOptions();
        // What is wrong is refused before the model is opened, which alone tells the format of conversations.
        ServerOptions options = choices.build();
        EngineOptions engineOptions = breakerChoice.addTo(engineChoice.options().toBuilder()
                .cacheBytes((long) cacheMib * BYTES_A_MIB)
                .maxSequences(maxSequences)
                .maxWaiting(maxWaiting)
                .build());
        CountDownLatch end = new CountDownLatch(1);
        try (ShutdownListener _ = ShutdownListener.listen(end::countDown);
                Engine engine = Engine.open(model, engineOptions);
                SaikiServer server = SaikiServer.start(
                        engine, choices.chatFormat(format(engine.tokenizer())).build())) {
            console.err()
                    .println("serving " + options.modelName() + " at http"
                            + (options.listen().tls().isPresent() ? "s" : "") + "://"
                            + options.listen().host() + ":" + server.port()
                            + "/v1, pages at /ui (Ctrl-C ends)");
            if (!HangupListener.listen(() -> reload(server))) {
                console.err()
                        .println("SIGHUP is ignored, as under nohup, and reloads nothing: a POST to /admin/reload does"
                                + (admin ? "" : ", with --admin"));
            }
            end.await();
            console.err().println("ending: answers that are at work are finished");
            if (!server.drain()) {
                console.err().println("some were not done after " + drainSeconds + " s, and are cut off");
            }
        }
        return ExitCode.DONE;
    }

    private void reload(SaikiServer server) {
        try {
            console.err().println("reloaded: " + server.reload(Optional.empty()) + " is served");
        } catch (RuntimeException refusal) {
            console.err().println("not reloaded, the model before goes on: " + refusal.getMessage());
        }
    }

    private ServerOptions.Builder serverOptions() throws IOException {
        RequestLimits limits = new RequestLimits(
                maxBodyBytes, maxChoices, maxAnswerTokens, seconds("--request-seconds", requestSeconds));
        ServerOptions.Builder options = ServerOptions.builder(name())
                .at(host, port)
                .limits(limits)
                .connections(ConnectionLimits.DEFAULT.withMost(maxConnections))
                .drainTime(seconds("--drain-seconds", drainSeconds))
                .shedding(new SheddingOptions(shedFloor, shedFrom))
                .allowedOrigins(AllowedOrigins.of(allowedOrigins))
                .reload(new ReloadOptions(model, admin))
                .rescoring(rescoreFraction);
        if (vllmMetrics) {
            options.vllmMetrics();
        }
        if (otlp != null) {
            options.otlp(otlp);
        }
        auditChoice.options().ifPresent(options::audit);
        if (apiKeys != null) {
            options.apiKeys(ApiKeys.read(apiKeys));
        }
        tls().ifPresent(options::tls);
        return options;
    }

    private Optional<TlsOptions> tls() {
        if (tlsCertificate == null && tlsKey == null) {
            return Optional.empty();
        }
        if (tlsCertificate == null || tlsKey == null) {
            throw new InputException("--tls-certificate and --tls-key need each other");
        }
        return Optional.of(new TlsOptions(tlsCertificate, tlsKey));
    }

    private ChatFormat format(Tokenizer tokenizer) throws IOException {
        return chatFormat == null ? ChatFormat.of(model, tokenizer) : chatFormat;
    }

    private String name() {
        if (modelName != null) {
            return modelName;
        }
        Path folder = model.toAbsolutePath().normalize().getFileName();
        return folder == null ? "model" : folder.toString();
    }

    private static Duration seconds(String option, double seconds) {
        if (!(seconds >= 0 && seconds <= 1e6)) {
            throw new InputException(option + " must be from 0 to 1000000, got " + seconds);
        }
        return Duration.ofMillis(Math.round(seconds * 1000));
    }
}
