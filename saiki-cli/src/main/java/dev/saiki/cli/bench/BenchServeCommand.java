package dev.saiki.cli.bench;

import dev.saiki.chat.GenerationSettings;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.ClientProcess;
import dev.saiki.cli.load.HttpTarget;
import dev.saiki.cli.load.LoadClient;
import dev.saiki.cli.load.LoadPlan;
import dev.saiki.cli.load.LoadRound;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.cli.model.EngineCapacityFlags;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.RecordJson;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.io.InputException;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki bench serve`: puts load on a server that it starts itself, or on a running one.
@Command(name = "serve")
public final class BenchServeCommand extends JsonCommand {

    private static final double SECONDS_OF_A_RATE = 20;

    /// A round shorter than this would mostly measure its start and end, when fewer requests are running.
    private static final double SECONDS_OF_A_ROUND = 2;

    /// A limit on connections that no load reaches, so that the measured server accepts all connections.
    private static final int MAX_CONNECTIONS = 1 << 20;
    private static final int WARM_UP_PART = -1;
    private static final int WARM_UP_REQUESTS = 32;
    private static final int WARM_UP_AT_ONCE = 8;

    /// The server to measure.
    private static final class Server {

        @Option(names = "--model", paramLabel = "DIR", required = true)
        private @Nullable Path model;

        @Option(names = "--url", paramLabel = "URL", required = true)
        private @Nullable URI url;
    }

    @ArgGroup(multiplicity = "1")
    private Server server = new Server();

    @Option(names = "--rates", paramLabel = "R", split = ",")
    private List<Double> rates = List.of();

    @Option(names = "--seconds", paramLabel = "S")
    private @Nullable Double seconds;

    @Option(names = "--streams", paramLabel = "N", split = ",")
    private List<Integer> streams = List.of();

    @Option(names = "--overhead", paramLabel = "N")
    private @Nullable Integer overhead;

    @Option(names = "--rounds", paramLabel = "N")
    private int rounds = 5;

    @Option(names = "--warm-up", paramLabel = "S")
    private double warmUpSeconds = 15;

    @Option(names = "--prompt-tokens", paramLabel = "N")
    private int promptTokens = 48;

    @Option(names = "--tokens", paramLabel = "N")
    private int tokens = 32;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 1;

    @Option(names = "--effort", paramLabel = "E")
    private @Nullable Double effort;

    @Option(names = "--max-depth", paramLabel = "N")
    private @Nullable Integer maxDepth;

    @Mixin
    private PromptTextOptions text = new PromptTextOptions();

    @Mixin
    private EngineFlags engineChoice = new EngineFlags();

    @Mixin
    private EngineCapacityFlags capacity = new EngineCapacityFlags();

    @Override
    protected void run() throws IOException, InterruptedException {
        requirePossible();
        boolean failed = server.url == null ? measureOwn(requireModel()) : measureOther(server.url);
        exit(failed ? ExitCode.FAILED : ExitCode.DONE);
    }

    private void requirePossible() {
        EngineCapacityFlags.positive("--rounds", rounds);
        rates.forEach(
                rate -> InputException.require(rate > 0 && rate <= 1e5, "--rates", "above 0 and at most 100000", rate));
        streams.forEach(count -> EngineCapacityFlags.positive("--streams", count));
        if (seconds != null && !(seconds > 0 && seconds <= 86_400)) {
            throw new InputException("--seconds must be above 0 and at most 86400, got " + seconds);
        }
        InputException.require(
                warmUpSeconds >= 0 && warmUpSeconds <= 3600, "--warm-up", "from 0 to 3600", warmUpSeconds);
        if (overhead != null && server.url != null) {
            throw new InputException(
                    "--overhead needs --model, since it also measures the engine, got --url; give --model DIR instead,"
                            + " or omit --overhead");
        }
        if (rates.isEmpty() && streams.isEmpty() && overhead == null) {
            throw new InputException("nothing to measure; give --rates, --streams or --overhead");
        }
    }

    private Path requireModel() {
        if (server.model == null) {
            throw new InputException("--model or --url is needed");
        }
        return server.model;
    }

    private boolean measureOwn(Path model) throws IOException, InterruptedException {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        EngineOptions options = capacity.addTo(engineChoice.options());
        ServerOptions own = ServerOptions.builder("bench")
                .at("127.0.0.1", 0)
                .connections(ConnectionLimits.DEFAULT.withMost(MAX_CONNECTIONS))
                .build();
        try (Engine engine = Engine.open(checkpoint, Tokenizer.load(checkpoint.tokenizer()), options);
                SaikiServer started = SaikiServer.start(engine, own)) {
            URI url = URI.create("http://127.0.0.1:" + started.port());
            try (HttpTarget target = target(url)) {
                return measure(url, target, text.prompts(checkpoint), Optional.of(engine));
            }
        }
    }

    private boolean measureOther(URI url) throws IOException, InterruptedException {
        if (url.getHost() == null || !String.valueOf(url.getScheme()).matches("https?")) {
            throw new InputException("--url must be a URL such as http://127.0.0.1:8080, got " + url);
        }
        try (HttpTarget target = target(url)) {
            return measure(url, target, target.prompts(text.corpus()), Optional.empty());
        } catch (ConnectException absent) {
            throw new InputException(
                    "--url " + url + ": nothing listens there; start a server with `saiki serve`, or correct the URL",
                    absent);
        }
    }

    private HttpTarget target(URI url) {
        return new HttpTarget(
                url,
                new HttpTarget.Settings(
                        true,
                        effort(),
                        maxDepth(),
                        Optional.ofNullable(console.environment().get("SAIKI_API_KEY"))));
    }

    /// Runs all requested measurements.
    ///
    /// @return whether anything failed
    private boolean measure(URI url, HttpTarget streaming, PromptSource prompts, Optional<Engine> engine)
            throws IOException, InterruptedException {
        LoadPlan plan =
                new LoadPlan(promptTokens, tokens, prompts, streaming.model().context(), seed);
        LoadRound.closed(plan.requests(WARM_UP_PART, WARM_UP_REQUESTS), WARM_UP_AT_ONCE, streaming);
        if (!json) {
            println("prompts: " + prompts.name());
        }
        if (!json && !(rates.isEmpty() && streams.isEmpty())) {
            println(header());
        }
        boolean failed = false;
        int part = 0;
        for (double rate : rates) {
            Duration time = Duration.ofMillis(Math.round(1000 * (seconds == null ? SECONDS_OF_A_RATE : seconds)));
            failed |= show("rate", rate, plan, LoadRound.open(plan.poisson(part, rate, time), streaming));
            part++;
        }
        for (int count : streams) {
            failed |= show("streams", count, plan, LoadRound.open(plan.burst(part, count), streaming));
            part++;
        }
        if (overhead != null) {
            failed |= overhead(url, plan, EngineCapacityFlags.positive("--overhead", overhead), engine.orElseThrow());
        }
        return failed;
    }

    private static String header() {
        return NumberFormats.text(
                "%-12s %6s %5s %5s %9s %6s  %-26s %-26s %-26s",
                "load",
                "done",
                "429",
                "wrong",
                "tokens/s",
                "depth",
                "first token ms p50 p95 p99",
                "next token ms p50 p95 p99",
                "answer ms p50 p95 p99");
    }

    private boolean show(String kind, double amount, LoadPlan plan, LoadRound round) {
        if (json) {
            println(JsonOutput.line(
                    line(kind, amount, round).put("prompts", plan.prompts().name())));
        } else {
            println(NumberFormats.text(
                    "%-12s %6d %5d %5d %9.1f %6.3f  %s %s %s",
                    kind.equals("rate") ? amount + "/s" : (int) amount + " at once",
                    round.answered(),
                    round.refused(),
                    round.failed(),
                    round.tokensPerSecond(),
                    round.meanDepth(),
                    text(round.firstTokenMs()),
                    text(round.nextTokenMs()),
                    text(round.answerMs())));
        }
        console.out().flush();
        round.problems().forEach((problem, times) -> note(times + " times: " + problem));
        return round.failed() > 0;
    }

    private static String text(LoadRound.Percentiles times) {
        return NumberFormats.text("%8.1f %8.1f %8.1f", times.p50(), times.p95(), times.p99());
    }

    private static ObjectNode line(String kind, double amount, LoadRound round) {
        ObjectNode line = JsonOutput.object().put("measure", "serve").put(kind, amount);
        line.setAll((ObjectNode) RecordJson.MAPPER.valueToTree(round));
        RecordJson.put(line, "tokens_per_second", round.tokensPerSecond());
        RecordJson.put(line, "mean_depth", round.meanDepth());
        line.remove("problems");
        return line;
    }

    private boolean overhead(URI url, LoadPlan plan, int atOnce, Engine engine) throws IOException {
        RouteSettings route = new GenerationSettings(effort, null, maxDepth, null).route();
        double each = seconds == null ? SECONDS_OF_A_ROUND : seconds;
        HttpOverhead measured = new HttpOverhead(plan, atOnce, new HttpOverhead.Times(warmUpSeconds, rounds, each));
        boolean failed;
        try (ClientProcess clients = ClientProcess.start(new LoadClient.Settings(url, effort(), maxDepth()))) {
            failed = measured.measure(engine, route, clients);
        }
        println(json ? JsonOutput.line(measured.toJson()) : measured.toText());
        return failed;
    }

    private OptionalDouble effort() {
        return effort == null ? OptionalDouble.empty() : OptionalDouble.of(effort);
    }

    private OptionalInt maxDepth() {
        return maxDepth == null ? OptionalInt.empty() : OptionalInt.of(maxDepth);
    }
}
