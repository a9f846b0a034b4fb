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

/// The warm-up of a server before it reports ready: requests of all kinds through the whole path, from the socket to
/// the kernels and back, until latency settles.
///
/// Java runs code first slowly and then compiles it, so a first answer takes many times what later ones take. The
/// rehearsal has a second server of its own in front of the same engines, at a free port of this machine and with a key
/// that nobody knows, so that its requests are in no measurement, audit or breaker of the first. It gives way to real
/// requests, and ends when a short chat takes as long as it took a few rounds before and the compiler is nearly idle,
/// or when its time is up.
final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /// Whose requests the rehearsal's are.
    private static final String OWNER = "saiki-warm-up";

    /// Rounds that are compared with as many before.
    private static final int ROUNDS = 8;

    /// A round that takes no less than this share of earlier ones is as fast as it gets.
    private static final double SETTLED = 0.95;

    /// Share of the time that the compiler works at most when it has little left to do.
    private static final double MOST_COMPILING = 0.15;

    private static final Duration LONGEST_END = Duration.ofSeconds(10);

    /// Who waits for the port asks as soon as it opens; a rehearsal that began with it would be in the way.
    private static final Duration BEFORE = Duration.ofMillis(250);

    /// Longest wait for real requests at a time.
    private static final Duration GIVING_WAY = Duration.ofMillis(500);

    private static final int SECRET_BYTES = 32;

    private final List<ModelChoice> models;
    private final ServerOptions options;
    private final Duration most;
    private final InFlightRequests real;
    private final Runnable done;
    private final Thread thread;
    private volatile boolean stopped;

    private WarmUp(List<ModelChoice> models, ServerOptions options, InFlightRequests real, Runnable done) {
        // Adapters pass through the same code.
        this.models = models.stream().map(model -> model.with(List.of())).toList();
        this.options = options;
        this.real = real;
        this.most = options.operation().warmUp();
        this.done = done;
        this.thread = Thread.ofPlatform().name("saiki-warm-up").daemon().unstarted(this::run);
    }

    /// Begins.
    ///
    /// @param models that are to be warm, one after the other
    /// @param options of the server that is to be warm
    /// @param real requests of that server, which go first
    /// @param done called when it is
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
            LOG.info("ready after {} rounds of warming up, {} s", rounds, seconds(System.nanoTime() - start));
        } catch (IOException | RuntimeException e) {
            if (!stopped) {
                LOG.warn("warming up failed; first answers will take longer", e);
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
            // Otherwise prompts would be read once, and found from then on.
            model.engine().forget(OWNER);
            real.awaitNone(GIVING_WAY);
            times.add(client.ask(requests.first()));
            for (RehearsalRequests.Post other : requests.others()) {
                real.awaitNone(GIVING_WAY);
                client.ask(other);
            }
            if (times.size() % ROUNDS == 0) {
                long now = System.nanoTime();
                long compiling = compilerMillis() - compiled;
                boolean idle = compiling * 1e6 < MOST_COMPILING * (now - looked);
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

    /// Rehearses no more, and waits for the request at work.
    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(LONGEST_END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
