package dev.saiki.rollout.proxy;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.check.Check;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The background comparison. After a client has its answer, the request is also sent to the other side, and the
/// pair is checked. Tool calls of mirrored answers are compared, never executed.
///
/// The number of comparisons and the bytes that they hold are bounded, so that a hanging side cannot delay answers or
/// exhaust memory. A request gets its place before either side is asked: dropped comparisons would be those of the slow
/// side otherwise.
final class Mirror implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    private static final String MEMORY = "memory";

    private final GatewayPlan plan;
    private final Upstream upstream;
    private final Rollout rollout;
    private final GatewayMetrics metrics;
    private final ThreadPoolExecutor workers;
    private final HeldBytes memory;

    /// The comparisons that may be under way at a time, those whose client still waits for its answer included.
    private final Semaphore room;

    Mirror(GatewayPlan plan, Upstream upstream, Rollout rollout, GatewayMetrics metrics) {
        this.plan = plan;
        this.upstream = upstream;
        this.rollout = rollout;
        this.metrics = metrics;
        this.memory = new HeldBytes(plan.limits().mirroredBytes());
        this.room = new Semaphore(plan.limits().mirrored() + plan.limits().queued());
        this.workers = new ThreadPoolExecutor(
                plan.limits().mirrored(),
                plan.limits().mirrored(),
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(),
                Thread.ofVirtual().name("saiki-mirror-", 0).factory());
    }

    /// Opens the account of the bytes that a comparison holds.
    HeldBytes.Share share() {
        return memory.share();
    }

    /// Takes room for a comparison before anything is known of the answers. Each comparison that gets room ends in one
    /// of {@link #ask}, {@link #fellBack} and {@link #withdraw}, which close its share.
    ///
    /// @param bytes the length of the request
    /// @param share takes the request
    /// @return the assignment, without its comparison if there is no room
    Assignment admitted(Assignment assignment, int bytes, HeldBytes.Share share) {
        if (!assignment.compared()) {
            return assignment;
        }
        if (!room.tryAcquire()) {
            metrics.dropped("queue_full");
            return assignment.uncompared();
        }
        if (!share.take(bytes)) {
            room.release();
            metrics.dropped(MEMORY);
            return assignment.uncompared();
        }
        return assignment;
    }

    /// Sends a request to the side that did not answer it, and compares both answers.
    ///
    /// @param since the {@link System#nanoTime} at which the request began
    /// @param own the outcome of the side that the request was assigned to
    /// @param share holds the request and the answer
    void ask(
            ForwardedRequest request, Assignment assignment, long since, Supplier<Outcome> own, HeldBytes.Share share) {
        if (!assignment.compared()) {
            return;
        }
        try {
            workers.execute(() -> settle(assignment, share, () -> isCompared(request, assignment, since, own, share)));
        } catch (RejectedExecutionException e) {
            metrics.dropped("ending");
            withdraw(assignment, share);
        }
    }

    /// Asks the other side and compares, unless the other side is the candidate and the request waited for so long
    /// that the candidate would not have its full time.
    private boolean isCompared(
            ForwardedRequest request, Assignment assignment, long since, Supplier<Outcome> own, HeldBytes.Share share) {
        if (!assignment.position().gathersEvidence()) {
            watch(request, assignment, own.get());
            return true;
        }
        Side side = assignment.side().other();
        if (side == Side.CANDIDATE
                && since(since)
                                .plus(plan.candidate().answer())
                                .compareTo(plan.evidence().time())
                        > 0) {
            metrics.dropped("waited");
            return false;
        }
        Outcome first = own.get();
        Outcome other = ask(request, side, assignment.position(), share);
        if (Thread.currentThread().isInterrupted()) {
            // The gateway is shutting down, so the failure says nothing about a side.
            metrics.dropped("ending");
            return false;
        }
        metrics.mirrored(side, other);
        finish(request, assignment, first, other);
        return true;
    }

    /// Compares the candidate's failure with the baseline's answer.
    ///
    /// @param share holds the request and the answer
    void fellBack(
            ForwardedRequest request,
            Assignment assignment,
            Outcome.Failed candidate,
            Supplier<Outcome> baseline,
            HeldBytes.Share share) {
        if (assignment.compared()) {
            settle(assignment, share, () -> {
                finish(request, assignment, candidate, baseline.get());
                return true;
            });
        }
    }

    /// Gives a comparison up for a reason that lies with neither side.
    ///
    /// @param share holds the request and the answer
    void withdraw(Assignment assignment, HeldBytes.Share share) {
        if (assignment.compared()) {
            rollout.record(new RolloutEvent.Withdrawn(assignment.position().run(), assignment.pairKey()));
            end(share);
        }
    }

    private void end(HeldBytes.Share share) {
        share.close();
        room.release();
    }

    private void settle(Assignment assignment, HeldBytes.Share share, BooleanSupplier comparison) {
        boolean isCompared = false;
        try {
            isCompared = comparison.getAsBoolean();
        } catch (Capture.NoMemoryException e) {
            LOG.debug("a pair could not be compared", e);
            metrics.dropped(MEMORY);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("a pair could not be compared", e);
            metrics.dropped("failed");
        }
        if (isCompared) {
            end(share);
        } else {
            withdraw(assignment, share);
        }
    }

    /// Sends a request to a side, and waits for its answer.
    ///
    /// @param share holds the answer
    /// @throws Capture.NoMemoryException if there is no memory for the answer
    Outcome ask(ForwardedRequest request, Side side, Position position, HeldBytes.Share share) {
        Map<String, JsonNode> fields = side == Side.CANDIDATE ? position.fields(plan.fields()) : Map.of();
        long since = System.nanoTime();
        try (UpstreamAnswer answer = upstream.ask(
                request.to(side, plan, fields, false), plan.endpoint(side), request.streams(), new Cancellation())) {
            return read(answer, request, share);
        } catch (UpstreamException e) {
            return new Outcome.Failed(e.fault(), String.valueOf(e.getMessage()), since(since), since(since));
        }
    }

    private Outcome read(UpstreamAnswer answer, ForwardedRequest request, HeldBytes.Share share) {
        Capture capture = new Capture(plan.limits().answerBytes(), share::take);
        Received.Ending ending = Received.Ending.REGULAR;
        try {
            byte[] piece = new byte[Proxy.PIECE];
            for (int count = answer.read(piece); count >= 0 && !capture.isFull(); count = answer.read(piece)) {
                capture.add(piece, count);
            }
        } catch (IOException e) {
            LOG.debug("a mirrored answer broke off", e);
            ending = answer.brokenOff();
        }
        return capture.outcome(answer.received(capture.bytes(), ending), request);
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    private void finish(ForwardedRequest request, Assignment assignment, Outcome own, Outcome other) {
        Pair pair = assignment.side() == Side.BASELINE
                ? new Pair(request.text(), own, other)
                : new Pair(request.text(), other, own);
        Map<String, Sides> observed = observed(check -> check.observe(pair));
        record(new FinishedPair(
                assignment.position().run(),
                assignment.pairKey(),
                assignment.subject(),
                request.kind(),
                Instant.now(),
                pair,
                observed));
    }

    /// Counts and records a pair of answers.
    void record(FinishedPair finished) {
        metrics.compared(
                finished.subject().tenant(), finished.kind(), finished.pair().candidate());
        rollout.record(new RolloutEvent.Compared(finished));
    }

    /// Judges an answer of the candidate after the baseline has retired.
    private void watch(ForwardedRequest request, Assignment assignment, Outcome own) {
        Map<String, Sides> observed = observed(check -> check.observeAlone(request.text(), own));
        rollout.record(new RolloutEvent.Watched(assignment.position().run(), assignment.pairKey(), observed));
    }

    /// A check that fails yields no values.
    private Map<String, Sides> observed(Function<Check, Optional<Sides>> judge) {
        Map<String, Sides> observed = new LinkedHashMap<>();
        for (RolloutGate gate : plan.gates()) {
            try {
                judge.apply(gate.check()).ifPresent(sides -> observed.put(gate.name(), sides));
            } catch (RuntimeException e) {
                LOG.warn("a check failed", e);
            }
        }
        return observed;
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
