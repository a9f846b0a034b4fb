package dev.saiki.server;

import dev.saiki.engine.Engine;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.server.deployment.InFlightRequests;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.server.settings.ServerOptions;
import java.io.IOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The warm-up of a server before it reports ready: it sends requests of all kinds through the whole path,
/// from the socket to the kernels and back, until latency settles.
///
/// Java interprets code before it compiles it, so a first answer takes many times as long as later ones. The
/// warm-up starts a second server in front of the same engines, at a free local port and with a random key, so
/// that warm-up requests are absent from the first server's request metrics and audit, and from the circuit
/// breaker of its callers. Before each warm-up request, real requests get a short time to end. The warm-up ends
/// when the latency of a short chat no longer falls and the compiler is nearly idle, or when its time is up.
final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /// The name of the warm-up's key.
    private static final String OWNER = "saiki-warm-up";

    /// The number of rounds in each of two groups whose median latencies are compared: the latest rounds and those
    /// before them.
    private static final int ROUNDS = 8;

    /// The latency has settled if the median of the latest rounds is at least this share of the median of the
    /// rounds before.
    private static final double SETTLED = 0.95;

    /// The compiler counts as nearly idle if it works for less than this share of the time.
    private static final double MAX_COMPILING = 0.15;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    /// The delay before the warm-up. A client that waits for the port sends its request as soon as the port opens,
    /// and a warm-up that started at the same moment would slow it down.
    private static final Duration BEFORE = Duration.ofMillis(250);

    /// The longest wait for real requests before each request of the warm-up.
    private static final Duration YIELD_TIMEOUT = Duration.ofMillis(500);

    private static final int SECRET_BYTES = 32;

    private final List<ModelChoice> models;
    private final ServerOptions options;
    private final Duration most;
    private final InFlightRequests real;
    private final Runnable done;
    private final Thread thread;
    private volatile boolean stopped;

    private WarmUp(List<ModelChoice> models, ServerOptions options, InFlightRequests real, Runnable done) {
        // Omits adapters, because they run the same code.
        this.models = models.stream().map(model -> model.with(List.of())).toList();
        this.options = options;
        this.real = real;
        this.most = options.operation().warmUp();
        this.done = done;
        this.thread = Thread.ofPlatform().name("saiki-warm-up").daemon().unstarted(this::run);
    }

    /// Starts the warm-up.
    ///
    /// @param models the models to warm up, one after the other
    /// @param options the options of the server to warm up
    /// @param real the server's requests in flight, which have priority over the warm-up
    /// @param done the action to run when the warm-up ends
    static WarmUp begin(List<ModelChoice> models, ServerOptions options, InFlightRequests real, Runnable done) {
        WarmUp warmUp = new WarmUp(models, options, real, done);
        warmUp.thread.start();
        return warmUp;
    }

    private void run() {
        long start = System.nanoTime();
        try {
            Thread.sleep(BEFORE);
            int rounds = rehearse();
            LOG.info("ready after {} warm-up rounds, {} s", rounds, seconds(System.nanoTime() - start));
        } catch (IOException | RuntimeException e) {
            if (!stopped) {
                LOG.warn("the warm-up failed; first answers will take longer", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            done.run();
        }
    }

    private static double seconds(long nanos) {
        return Math.round(nanos / 1e8) / 10.0;
    }

    private int rehearse() throws IOException {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        String secret = HexFormat.of().formatHex(random);
        ServerOptions.Builder own = ServerOptions.builder(options.modelName())
                .at("127.0.0.1", 0)
                .limits(options.limits())
                .apiKeys(ApiKeys.of(OWNER, secret));
        options.listen().tls().ifPresent(own::tls);
        int rounds = 0;
        try (SaikiServer rehearsal = SaikiServer.start(models, own.build())) {
            RehearsalClient client =
                    new RehearsalClient(rehearsal.port(), options.listen().tls(), secret);
            for (ModelChoice model : models) {
                rounds += rounds(client, model);
            }
        } finally {
            models.stream().map(ModelChoice::engine).filter(Engine::isRunning).forEach(engine -> engine.forget(OWNER));
        }
        return rounds;
    }

    private int rounds(RehearsalClient client, ModelChoice model) throws IOException {
        RehearsalRequests requests = RehearsalRequests.of(model);
        List<Long> times = new ArrayList<>();
        long compiled = compilerMillis();
        long start = System.nanoTime();
        long looked = start;
        while (!stopped && System.nanoTime() - start < most.toNanos() / models.size()) {
            // Drops the cached prompts: otherwise only the first round would run the prefill.
            model.engine().forget(OWNER);
            real.awaitNone(YIELD_TIMEOUT);
            times.add(client.ask(requests.first()));
            for (RehearsalRequests.Post other : requests.others()) {
                real.awaitNone(YIELD_TIMEOUT);
                client.ask(other);
            }
            if (times.size() % ROUNDS == 0) {
                long now = System.nanoTime();
                long compiling = compilerMillis() - compiled;
                boolean idle = compiling * 1e6 < MAX_COMPILING * (now - looked);
                if (idle && isSettled(times)) {
                    break;
                }
                compiled += compiling;
                looked = now;
            }
        }
        return times.size();
    }

    private static boolean isSettled(List<Long> nanos) {
        int rounds = nanos.size();
        return rounds >= 2 * ROUNDS
                && median(nanos.subList(rounds - ROUNDS, rounds))
                        >= SETTLED * median(nanos.subList(rounds - 2 * ROUNDS, rounds - ROUNDS));
    }

    private static double median(List<Long> values) {
        long[] sorted = values.stream().mapToLong(Long::longValue).sorted().toArray();
        return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
                .average()
                .orElseThrow();
    }

    private static long compilerMillis() {
        @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : 0;
    }

    /// Stops the warm-up, and waits for its current request.
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(CLOSE_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
