package dev.saiki.rollout.proxy;

import dev.saiki.http.ClientGoneException;
import dev.saiki.rollout.check.Check;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.pair.AnswerReader;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.plan.RolloutGate;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The background comparison. After a client has its answer, the request is also sent to the other side, and the
/// pair is checked. Tool calls of mirrored answers are compared, never executed.
///
/// The queue of comparisons is bounded, so that a hanging side cannot delay answers or exhaust memory.
final class Mirror implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    private final GatewayPlan plan;
    private final Upstream upstream;
    private final Rollout rollout;
    private final GatewayMetrics metrics;
    private final ThreadPoolExecutor workers;

    Mirror(GatewayPlan plan, Upstream upstream, Rollout rollout, GatewayMetrics metrics) {
        this.plan = plan;
        this.upstream = upstream;
        this.rollout = rollout;
        this.metrics = metrics;
        this.workers = new ThreadPoolExecutor(
                plan.limits().mirrored(),
                plan.limits().mirrored(),
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(plan.limits().queued()),
                Thread.ofVirtual().name("saiki-mirror-", 0).factory());
    }

    /// Sends a request to the side that did not answer it, and compares both answers.
    void ask(ForwardedRequest request, Assignment assignment, Supplier<Outcome> answered) {
        submit(() -> {
            Side side = assignment.side().other();
            Outcome other = ask(request, side, assignment.position());
            if (Thread.currentThread().isInterrupted()) {
                // The gateway is shutting down, so the failure says nothing about a side.
                metrics.dropped("ending");
                return;
            }
            metrics.mirrored(side, other);
            finish(request, assignment, answered.get(), other);
        });
    }

    /// Compares the candidate's failure with the baseline's answer.
    void fellBack(
            ForwardedRequest request, Assignment assignment, Outcome.Failed candidate, Supplier<Outcome> baseline) {
        submit(() -> finish(request, assignment, candidate, baseline.get()));
    }

    private void submit(Runnable work) {
        try {
            workers.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.error("a pair could not be compared", e);
                    metrics.dropped("failed");
                }
            });
        } catch (RejectedExecutionException e) {
            metrics.dropped("queue_full");
        }
    }

    /// Sends a request to a side, and waits for its answer.
    Outcome ask(ForwardedRequest request, Side side, Position position) {
        ModelEndpoint endpoint = side == Side.CANDIDATE ? plan.candidate() : plan.baseline();
        long since = System.nanoTime();
        try (UpstreamAnswer answer = upstream.ask(
                request.to(
                        endpoint,
                        plan.model(),
                        side == Side.CANDIDATE ? position.fields(plan.fields()) : Map.of(),
                        false),
                endpoint,
                request.streams(),
                new Cancellation())) {
            return read(answer, since);
        } catch (UpstreamException | IOException | ClientGoneException e) {
            return new Outcome.Failed(String.valueOf(e.getMessage()), since(since), since(since));
        }
    }

    private Outcome read(UpstreamAnswer answer, long since) throws IOException {
        Capture capture = new Capture(plan.limits().answerBytes());
        byte[] piece = new byte[Proxy.PIECE];
        Duration firstByte = Duration.ZERO;
        for (int count = answer.body().read(piece);
                count >= 0;
                count = answer.body().read(piece)) {
            if (firstByte.isZero()) {
                firstByte = since(since);
                answer.hasBegun();
            }
            capture.add(piece, count);
            if (!capture.isWhole()) {
                return new Outcome.Failed("the answer is too long", firstByte, since(since));
            }
        }
        answer.requireInTime();
        if (!answer.isGood()) {
            return new Outcome.Failed("status " + answer.status(), since(since), since(since));
        }
        return AnswerReader.read(capture.bytes(), answer.isStream(), firstByte, since(since));
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private void finish(ForwardedRequest request, Assignment assignment, Outcome own, Outcome other) {
        Pair pair = assignment.side() == Side.BASELINE
                ? new Pair(request.text(), own, other)
                : new Pair(request.text(), other, own);
        Map<String, Double> differences = new LinkedHashMap<>();
        for (RolloutGate gate : plan.gates()) {
            difference(gate.check(), pair).ifPresent(value -> differences.put(gate.name(), value));
        }
        metrics.compared(assignment.subject().tenant(), request.kind(), pair.candidate());
        rollout.compared(new FinishedPair(
                assignment.position().run(),
                assignment.conversation(),
                assignment.subject(),
                request.kind(),
                Instant.now(),
                pair,
                differences));
    }

    /// A check that fails yields no difference.
    private static OptionalDouble difference(Check check, Pair pair) {
        try {
            return check.difference(pair);
        } catch (RuntimeException e) {
            LOG.warn("a check failed", e);
            return OptionalDouble.empty();
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
