package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.BreakerOptions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.ReloadOptions;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.server.settings.SheddingOptions;
import dev.saiki.testkit.AlertRules;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each shipped alert fires on its fault, and not without it: the tests cause faults in a server, and
/// Prometheus's promtool evaluates the rules on the content of `/metrics` before and after.
@Tag("prometheus")
@Needs(Program.PROMTOOL)
class AlertsTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final Path RULES =
            Path.of("..", "monitoring", "alerts.yaml").toAbsolutePath().normalize();
    private static final int CONTEXT = 65_536;
    private static final long SEED = 11;

    private static final int MOST_TOKENS = 40;

    @TempDir
    private Path folder;

    /// The alerts that have fired in a test.
    private static final Set<String> FIRED = new TreeSet<>();

    private static int testsRun;

    private final List<InputStream> streams = new ArrayList<>();

    /// A new rule needs a fault here. Only a run of all tests can tell.
    @AfterAll
    static void everyRuleHasFired() throws IOException {
        long tests = Arrays.stream(AlertsTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();
        if (testsRun == tests) {
            assertThat(new AlertRules(RULES, RULES).names()).isEqualTo(FIRED);
        }
    }

    @AfterEach
    void cutOff() throws IOException {
        testsRun++;
        for (InputStream stream : streams) {
            stream.close();
        }
    }

    private static Manifest trained(double first, double second, double third) {
        Map<String, Double> shares = Map.of(
                Manifest.DEPTH_SHARE + 1, first, Manifest.DEPTH_SHARE + 2, second, Manifest.DEPTH_SHARE + 3, third);
        return Manifest.now(Optional.empty(), Optional.empty(), 1_000, 10, shares);
    }

    private static EngineOptions options() {
        return EngineOptions.builder()
                .threads(1)
                .breaker(new BreakerOptions(512, 0.45, Duration.ofHours(1)))
                .build();
    }

    private TestServer server(Manifest manifest, EngineOptions options, UnaryOperator<StoredTensor> change)
            throws IOException {
        return server(manifest, options, change, server -> server);
    }

    private TestServer server(
            Manifest manifest,
            EngineOptions options,
            UnaryOperator<StoredTensor> change,
            UnaryOperator<ServerOptions.Builder> more)
            throws IOException {
        Path model = folder.resolve("models").resolve("a");
        Engine engine = Engine.open(
                RandomCheckpoint.write(
                        model, TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), CONTEXT), SEED, manifest, change),
                TestServer.TOKENIZER,
                options);
        UnaryOperator<ServerOptions.Builder> all =
                server -> more.apply(server.reload(new ReloadOptions(model, true, false))
                        .shedding(new SheddingOptions(0.25, 0.1, Duration.ZERO)));
        return TestServer.of(engine, all);
    }

    /// A manifest with the depth shares that this model's tokens have without a fault.
    private Manifest healthy() throws IOException {
        try (TestServer server = server(Manifest.untrained(), options(), tensor -> tensor)) {
            write(server, 600);
            Map<String, Double> series = server.series();
            return trained(share(series, 1), share(series, 2), share(series, 3));
        }
    }

    private static double share(Map<String, Double> series, int depth) {
        return series.getOrDefault("saiki_router_depth_share{depth=\"" + depth + "\",model=\"tiny\"}", Double.NaN);
    }

    /// Generates answers to different prompts, since repetitions say nothing about the router.
    private static void write(TestServer server, int tokens) {
        for (int prompt = 0; prompt * MOST_TOKENS < tokens; prompt++) {
            server.post(
                    COMPLETIONS,
                    "{\"prompt\":\"the whale " + prompt + "\",\"temperature\":1,\"seed\":" + prompt
                            + ",\"ignore_eos\":true,\"max_tokens\":"
                            + Math.min(MOST_TOKENS, tokens - prompt * MOST_TOKENS) + "}");
        }
    }

    private HttpResponse<InputStream> stream(TestServer server) {
        HttpResponse<InputStream> response = server.open(
                COMPLETIONS,
                "{\"prompt\":\"a\",\"ignore_eos\":true,\"stream\":true,\"effort\":0.5,\"max_tokens\":60000}");
        streams.add(response.body());
        return response;
    }

    private static UnaryOperator<StoredTensor> changed(String name, UnaryOperator<float[]> change) {
        return tensor -> tensor.name().startsWith(name)
                ? StoredTensor.ofFloats(tensor.name(), tensor.shape(), change.apply(tensor.toFloats()))
                : tensor;
    }

    private static float[] filled(float[] values, int from, int to, float value) {
        Arrays.fill(values, from, to, value);
        return values;
    }

    private static String scrape(TestServer server) {
        return server.get("/metrics").raw().body();
    }

    /// The metrics at a moment at which a condition holds.
    private static String scrapeWhen(TestServer server, Predicate<Map<String, Double>> condition) {
        AtomicReference<String> last = new AtomicReference<>("");
        TestServer.await(() -> {
            last.set(scrape(server));
            return condition.test(TestServer.series(last.get()));
        });
        return last.get();
    }

    /// Leaves out the times to first tokens, which depend on the machine and its other work.
    private static String withoutFirstTokens(String scrape) {
        return scrape.lines()
                .filter(line -> !line.contains("gen_ai_server_time_to_first_token_seconds"))
                .collect(Collectors.joining("\n"));
    }

    /// Fails unless exactly these alerts fire with the fault, and none fires before.
    private void fires(String before, String after, String... alerts) throws IOException, InterruptedException {
        rules().requireFiring(before, after, List.of(alerts));
        FIRED.addAll(List.of(alerts));
    }

    private AlertRules rules() {
        return new AlertRules(RULES, folder);
    }

    @Test
    void promtoolHasNothingToSayAboutTheRulesAndTheMetrics() throws IOException, InterruptedException {
        rules().check();
        try (TestServer server = server(healthy(), options(), tensor -> tensor)) {
            write(server, 600);
            rules().checkMetrics(scrape(server));
        }
    }

    @Test
    void nothingFiresWhileAllIsWell() throws IOException, InterruptedException {
        try (TestServer server = server(healthy(), options(), tensor -> tensor)) {
            String before = scrape(server);
            write(server, 600);
            fires(before, scrape(server));
        }
    }

    @Test
    void aCheckpointThatIsRefusedFires() throws IOException, InterruptedException {
        try (TestServer server = server(healthy(), options(), tensor -> tensor)) {
            String before = scrape(server);
            // It has no tokenizer beside it.
            server.post("/admin/reload", "").isError(400, "invalid_request_error");
            write(server, 20);
            fires(before, scrape(server), "SaikiReloadRefused");
        }
    }

    @Test
    void aPoisonedRouterFires() throws IOException, InterruptedException {
        UnaryOperator<StoredTensor> poison = changed("model.routers.1", values -> filled(values, 0, 1, Float.NaN));
        try (TestServer server = server(healthy(), options(), poison)) {
            String before = scrape(server);
            write(server, 40);
            fires(before, scrape(server), "SaikiNotFinite", "SaikiRouterOverruled");
        }
    }

    @Test
    void logitsThatAreNoNumbersFire() throws IOException, InterruptedException {
        UnaryOperator<StoredTensor> poison = changed(ParameterNames.HEAD, values -> filled(values, 0, 1, Float.NaN));
        try (TestServer server = server(healthy(), options(), poison)) {
            String before = scrape(server);
            write(server, 40);
            fires(before, scrape(server), "SaikiNotFinite");
        }
    }

    @Test
    void aRouterThatSendsAllTokensToOneDepthFires() throws IOException, InterruptedException {
        UnaryOperator<StoredTensor> collapse =
                changed(ParameterNames.ROUTER_THRESHOLDS, values -> filled(values, 0, values.length, 2));
        try (TestServer server = server(healthy(), options(), collapse)) {
            String before = scrape(server);
            write(server, 600);
            fires(
                    before,
                    scrape(server),
                    "SaikiRouterCollapse",
                    "SaikiDeadRecursion",
                    "SaikiDepthDrift",
                    "SaikiRouterOverruled");
        }
    }

    @Test
    void aRecursionThatNobodyTakesFires() throws IOException, InterruptedException {
        UnaryOperator<StoredTensor> dead = changed(
                ParameterNames.ROUTER_THRESHOLDS, values -> filled(values, 2 * values.length / 3, values.length, 2));
        try (TestServer server = server(healthy(), options(), dead)) {
            String before = scrape(server);
            write(server, 600);
            String after = scrape(server);
            fires(before, after, "SaikiDeadRecursion", "SaikiRouterOverruled", "SaikiDepthDrift");
        }
    }

    @Test
    void depthsFarFromThoseOfTrainingFireBeforeTheyAreOverruled() throws IOException, InterruptedException {
        Manifest usual = healthy();
        double first = usual.metrics().getOrDefault(Manifest.DEPTH_SHARE + 1, Double.NaN);
        double last = usual.metrics().getOrDefault(Manifest.DEPTH_SHARE + 3, Double.NaN);
        double moved = first > last ? 0.35 : -0.35;
        Manifest elsewhere = trained(
                first - moved, usual.metrics().getOrDefault(Manifest.DEPTH_SHARE + 2, Double.NaN), last + moved);
        try (TestServer server = server(elsewhere, options(), tensor -> tensor)) {
            String before = scrape(server);
            write(server, 600);
            fires(before, scrape(server), "SaikiDepthDrift");
        }
    }

    /// Biases make the model write one token only, which it would rarely draw; some are likelier at full depth.
    @Test
    void answersThatFullDepthFindsLikelierFire() throws IOException, InterruptedException {
        try (TestServer server =
                server(Manifest.untrained(), options(), tensor -> tensor, options -> options.rescoring(1))) {
            for (int token = 0; token < TestServer.TOKENIZER.vocabSize(); token++) {
                String before = scrape(server);
                double done = rescored(before);
                server.post(
                                COMPLETIONS,
                                "{\"prompt\":\"the whale\",\"temperature\":0,\"ignore_eos\":true,\"whole_utf8\":false,"
                                        + "\"max_tokens\":40,\"logit_bias\":{\"" + token + "\":100}}")
                        .succeeds();
                String after = scrapeWhen(server, series -> rescored(series) == done + 40);
                if (gain(after) - gain(before) > 0.1 * 40) {
                    fires(withoutFirstTokens(before), withoutFirstTokens(after), "SaikiRoutingCostsQuality");
                    return;
                }
            }
        }
        throw new AssertionError("no token is likelier at full depth");
    }

    private static double rescored(String scrape) {
        return rescored(TestServer.series(scrape));
    }

    private static double rescored(Map<String, Double> series) {
        return series.getOrDefault("saiki_rescored_tokens_total{model=\"tiny\"}", Double.NaN);
    }

    private static double gain(String scrape) {
        Map<String, Double> series = TestServer.series(scrape);
        return series.getOrDefault("saiki_rescored_nats_total{likelier=\"full\",model=\"tiny\"}", Double.NaN)
                - series.getOrDefault("saiki_rescored_nats_total{likelier=\"routed\",model=\"tiny\"}", Double.NaN);
    }

    @Test
    void aFullCacheFires() throws IOException, InterruptedException {
        EngineOptions small = options().toBuilder().cacheBytes(1 << 20).build();
        try (TestServer server = server(Manifest.untrained(), small, tensor -> tensor)) {
            String before = scrape(server);
            // Two of them at full depth nearly fill the memory, and there is always another pair.
            for (int i = 0; i < 60; i++) {
                streams.add(server.open(
                                COMPLETIONS,
                                "{\"prompt\":\"a\",\"ignore_eos\":true,\"stream\":true,\"max_tokens\":1000,\"min_depth\":3}")
                        .body());
            }
            String full = scrapeWhen(
                    server, series -> series.getOrDefault("saiki_cache_usage_ratio{model=\"tiny\"}", 0.0) > 0.9);
            fires(withoutFirstTokens(before), withoutFirstTokens(full), "SaikiCacheGrowth");
        }
    }

    @Test
    void aQueueThatMakesAnswersWaitFiresAndSoDoesOneThatIsFull() throws IOException, InterruptedException {
        try (TestServer server = server(
                Manifest.untrained(),
                options().toBuilder().maxSequences(1).maxWaiting(4).build(),
                tensor -> tensor)) {
            String before = scrape(server);
            HttpResponse<InputStream> first = stream(server);
            TestServer.await(() -> server.engine().statistics().running() == 1);
            Thread waits = Thread.ofPlatform().start(() -> write(server, 3));
            TestServer.await(() -> server.engine().waiting() == 1);
            LockSupport.parkNanos(2_600_000_000L);
            first.body().close();
            waits.join();
            String slow = scrape(server);
            fires(before, slow, "SaikiSlowFirstToken");
            stream(server);
            TestServer.await(() -> server.engine().statistics().running() == 1);
            for (int i = 0; i < 4; i++) {
                stream(server);
            }
            TestServer.await(() -> server.engine().waiting() == 4);
            String shedding = scrape(server);
            fires(slow, shedding, "SaikiShedding");
            server.post(COMPLETIONS, "{\"prompt\":\"a\"}").isError(429, "rate_limit_error");
            fires(slow, scrape(server), "SaikiShedding", "SaikiQueueFull");
        }
    }
}
