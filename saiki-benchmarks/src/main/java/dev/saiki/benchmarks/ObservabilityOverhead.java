package dev.saiki.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.HttpTarget;
import dev.saiki.cli.load.LoadPlan;
import dev.saiki.cli.load.LoadRequest;
import dev.saiki.cli.load.LoadRound;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.eval.Median;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/// The cost of observability: two servers of one model, one of them with an audit in SQLite, traces to a
/// collector, metrics under both names, a JSON log, rescored answers, and a client that polls its metrics and
/// router state every second. Both get the same requests, in turns.
///
/// The counters of every server cannot be turned off; they are part of the cost of HTTP (`saiki bench serve
/// --overhead`). Prints one JSON line. `benchmarks/observation-cost.sh` runs it.
public final class ObservabilityOverhead {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long SEED = 20_261_125;
    private static final int PROMPT_TOKENS = 48;
    private static final int TOKENS = 32;
    private static final int AT_ONCE = 8;
    private static final int FEWEST = 4 * AT_ONCE;
    private static final double WARM_UP_SECONDS = 20;
    private static final double ROUND_SECONDS = 4;
    private static final List<String> WATCHED = List.of("--vllm-metrics", "--log-format", "json");
    private static final List<String> ALONE = List.of("--rescore-fraction", "0");

    private ObservabilityOverhead() {}

    /// One round on one server.
    ///
    /// @param tokensPerSecond generated tokens per second
    /// @param cpuMicros CPU time per token, in the server's process
    /// @param meanDepth mean recursions per token
    private record Cost(double tokensPerSecond, double cpuMicros, double meanDepth) {}

    /// One round on both servers.
    private record Turn(Cost alone, Cost watched) {

        /// The relative loss of speed from observability.
        double lost() {
            return 1 - watched.tokensPerSecond() / alone.tokensPerSecond();
        }

        /// The relative increase of CPU time.
        double moreCpu() {
            return watched.cpuMicros() / alone.cpuMicros() - 1;
        }
    }

    /// Runs.
    ///
    /// @param arguments the command `saiki`, a checkpoint folder, rounds, and options of `saiki serve` for both
    ///     servers
    /// @throws IOException if a server cannot be started
    /// @throws InterruptedException if it is interrupted
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length < 3) {
            System.err.println("usage: ObservabilityOverhead SAIKI MODEL ROUNDS [OPTIONS OF SERVE]");
            System.exit(2);
        }
        Path launcher = Path.of(arguments[0]);
        Path model = Path.of(arguments[1]).toAbsolutePath();
        int rounds = Integer.parseInt(arguments[2]);
        List<String> options = Arrays.asList(arguments).subList(3, arguments.length);
        PromptSource prompts = SoakText.prompts(CheckpointDirectory.open(model));
        HttpServer collector = collector();
        List<String> watched = new ArrayList<>(options);
        watched.addAll(WATCHED);
        watched.addAll(List.of("--audit", SoakServer.AUDIT));
        watched.addAll(
                List.of("--otlp", "http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces"));
        List<String> alone = new ArrayList<>(options);
        alone.addAll(ALONE);
        try (SoakServer plain = start(launcher, model, alone);
                SoakServer seen = start(launcher, model, watched);
                HttpClient client = HttpClient.newHttpClient();
                ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor()) {
            Future<?> looking = watcher.scheduleAtFixedRate(() -> look(client, seen), 1, 1, TimeUnit.SECONDS);
            print(prompts.name(), measure(plain, seen, prompts, rounds));
            looking.cancel(true);
        } finally {
            collector.stop(0);
        }
    }

    private static SoakServer start(Path launcher, Path model, List<String> options)
            throws IOException, InterruptedException {
        return SoakServer.start(launcher, model, options, Files.createTempDirectory("saiki-observation"));
    }

    /// Accepts traces and discards them.
    private static HttpServer collector() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static void look(HttpClient client, SoakServer server) {
        try {
            for (String path : List.of("/metrics", "/router")) {
                HttpRequest request = HttpRequest.newBuilder(server.base().resolve(path))
                        .timeout(Duration.ofSeconds(5))
                        .header("Authorization", "Bearer " + server.keys().operator())
                        .build();
                client.send(request, HttpResponse.BodyHandlers.discarding());
            }
        } catch (IOException e) {
            System.err.println("nobody could look: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<Turn> measure(SoakServer plain, SoakServer seen, PromptSource prompts, int rounds)
            throws IOException, InterruptedException {
        try (HttpTarget toPlain = target(plain);
                HttpTarget toSeen = target(seen)) {
            LoadPlan plan =
                    new LoadPlan(PROMPT_TOKENS, TOKENS, prompts, toPlain.model().context(), SEED);
            int part = 0;
            double seconds = 1;
            for (double spent = 0; spent < 2 * WARM_UP_SECONDS; spent += 2 * seconds) {
                long begun = System.nanoTime();
                turn(plain, toPlain, seen, toSeen, plan.requests(part++, FEWEST));
                seconds = (System.nanoTime() - begun) / 2e9;
            }
            int count = Math.max(FEWEST, (int) (FEWEST * ROUND_SECONDS / seconds));
            List<Turn> turns = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                turns.add(turn(plain, toPlain, seen, toSeen, plan.requests(part++, count)));
            }
            return turns;
        }
    }

    private static HttpTarget target(SoakServer server) {
        return new HttpTarget(
                server.base(),
                new HttpTarget.Settings(
                        false,
                        OptionalDouble.empty(),
                        OptionalInt.empty(),
                        Optional.of(server.keys().user())));
    }

    private static Turn turn(
            SoakServer plain, HttpTarget toPlain, SoakServer seen, HttpTarget toSeen, List<LoadRequest> requests) {
        return new Turn(cost(plain, toPlain, requests), cost(seen, toSeen, requests));
    }

    private static Cost cost(SoakServer server, HttpTarget target, List<LoadRequest> requests) {
        Duration before = server.cpu();
        LoadRound round = LoadRound.closed(requests, AT_ONCE, target);
        if (round.answered() < requests.size()) {
            throw new IllegalStateException("not all were answered: " + round.problems());
        }
        double micros = server.cpu().minus(before).toNanos() / 1e3;
        return new Cost(round.tokensPerSecond(), micros / round.tokens(), round.meanDepth());
    }

    private static void print(String prompts, List<Turn> turns) {
        DoubleSummaryStatistics lost = turns.stream().mapToDouble(Turn::lost).summaryStatistics();
        System.out.println(JSON.writeValueAsString(JSON.createObjectNode()
                .put("rounds", turns.size())
                .put("prompts", prompts)
                .put("mean_depth", Median.of(turns, turn -> turn.alone().meanDepth()))
                .put("tokens_per_second", Median.of(turns, turn -> turn.alone().tokensPerSecond()))
                .put(
                        "watched_tokens_per_second",
                        Median.of(turns, turn -> turn.watched().tokensPerSecond()))
                .put("cpu_micros", Median.of(turns, turn -> turn.alone().cpuMicros()))
                .put(
                        "watched_cpu_micros",
                        Median.of(turns, turn -> turn.watched().cpuMicros()))
                .put("lost", Median.of(turns, Turn::lost))
                .put("least_lost", lost.getMin())
                .put("most_lost", lost.getMax())
                .put("more_cpu", Median.of(turns, Turn::moreCpu))));
    }
}
