package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.pair.AnswerReader;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The forwarder of requests to a side and of answers to the client. Answers are streamed; all other work follows
/// afterwards.
///
/// If the candidate fails before the first byte reaches the client, the baseline answers instead.
public final class Proxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

    /// The largest piece read and written at once.
    static final int PIECE = 1 << 14;

    /// The longest non-streamed answer that is sent in one piece.
    private static final int WHOLE = 1 << 20;

    /// The number of bytes kept of an answer that is not compared, enough to include the answer's id.
    private static final int BEGINNING = 1 << 13;

    private static final byte[] BROKEN_OFF =
            ("data: {\"error\":{\"message\":\"the answer was interrupted\",\"type\":\"server_error\",\"param\":null,"
                            + "\"code\":\"upstream_failed\"}}\n\n")
                    .getBytes(StandardCharsets.UTF_8);

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final TrafficSplitter splitter;
    private final GatewayMetrics metrics;
    private final Upstream upstream = new Upstream();
    private final Mirror mirror;
    private final GoldenAsker golden;

    /// The result of trying one side.
    private sealed interface Attempt {
        /// The client received an answer.
        record Delivered(Supplier<Outcome> outcome, boolean isKnown) implements Attempt {}

        /// Nothing was sent to the client yet.
        record Failed(Outcome.Failed outcome, boolean isTimeout) implements Attempt {}
    }

    /// A request in progress.
    private record Work(
            Exchange exchange, ForwardedRequest request, Assignment assignment, Cancellation cancellation, long since) {
        Duration time() {
            return Duration.ofNanos(System.nanoTime() - since);
        }
    }

    /// Creates a proxy.
    ///
    /// @param plan the plan with the endpoints of both sides
    /// @param rollout receives events
    /// @param splitter assigns requests to sides
    /// @param metrics counts requests
    public Proxy(GatewayPlan plan, Rollout rollout, TrafficSplitter splitter, GatewayMetrics metrics) {
        this.plan = plan;
        this.rollout = rollout;
        this.splitter = splitter;
        this.metrics = metrics;
        this.mirror = new Mirror(plan, upstream, rollout, metrics);
        this.golden = GoldenAsker.start(plan, rollout, mirror, metrics);
    }

    /// Answers a request.
    ///
    /// @param exchange the request
    /// @param body the body of the request
    /// @param tenant name of the request's API key; empty if keys are off
    /// @throws ApiException if no side answers
    /// @throws ClientGoneException if the client disconnected, or a partly sent answer broke off
    public void answer(Exchange exchange, byte[] body, String tenant) {
        long since = System.nanoTime();
        ForwardedRequest request = ForwardedRequest.of(exchange, body);
        Assignment assignment = splitter.assign(request, tenant);
        if (assignment.compared()) {
            rollout.assigned(assignment.position().run(), assignment.conversation());
        }
        try (Cancellation cancellation = new Cancellation(exchange)) {
            answer(new Work(exchange, request, assignment, cancellation, since));
        } catch (ClientGoneException gone) {
            metrics.clientGone();
            throw gone;
        }
    }

    private void answer(Work work) {
        Assignment assignment = work.assignment();
        switch (attempt(work, assignment.side())) {
            case Attempt.Delivered delivered -> compare(work, delivered);
            case Attempt.Failed failed -> {
                if (!assignment.mayFallBack()) {
                    throw refusal(assignment.side(), failed);
                }
                LOG.debug(
                        "the candidate failed, so the baseline answers: {}",
                        failed.outcome().reason());
                metrics.fellBack();
                fallBack(work, failed);
            }
        }
    }

    private void fallBack(Work work, Attempt.Failed candidate) {
        switch (attempt(work, Side.BASELINE)) {
            case Attempt.Delivered delivered -> {
                if (work.assignment().compared() && delivered.isKnown()) {
                    mirror.fellBack(work.request(), work.assignment(), candidate.outcome(), delivered.outcome());
                }
            }
            case Attempt.Failed failed -> {
                if (work.assignment().compared()) {
                    mirror.fellBack(work.request(), work.assignment(), candidate.outcome(), failed::outcome);
                }
                throw refusal(Side.BASELINE, failed);
            }
        }
    }

    private void compare(Work work, Attempt.Delivered delivered) {
        if (!work.assignment().compared()) {
            return;
        }
        if (delivered.isKnown()) {
            mirror.ask(work.request(), work.assignment(), delivered.outcome());
        } else {
            metrics.dropped("too_long");
        }
    }

    private static ApiException refusal(Side side, Attempt.Failed failed) {
        String message = "the " + side.word() + " failed: " + failed.outcome().reason();
        return failed.isTimeout() ? ApiException.upstreamLate(message) : ApiException.upstreamFailed(message);
    }

    private Attempt attempt(Work work, Side side) {
        ModelEndpoint endpoint = side == Side.CANDIDATE ? plan.candidate() : plan.baseline();
        boolean passesKey = side == Side.BASELINE && plan.access().keys().isEmpty();
        try (UpstreamAnswer answer = upstream.ask(
                work.request()
                        .to(
                                endpoint,
                                plan.model(),
                                side == Side.CANDIDATE && work.assignment().isOfRollout()
                                        ? work.assignment().position().fields(plan.fields())
                                        : Map.of(),
                                passesKey),
                endpoint,
                work.request().streams(),
                work.cancellation())) {
            if (!answer.isGood() && work.assignment().mayFallBack() && side == Side.CANDIDATE) {
                return failed(work, "status " + answer.status(), false);
            }
            return deliver(work, side, answer);
        } catch (UpstreamException e) {
            return failed(work, String.valueOf(e.getMessage()), e.isTimeout());
        }
    }

    private static Attempt.Failed failed(Work work, String reason, boolean isTimeout) {
        return new Attempt.Failed(new Outcome.Failed(reason, work.time(), work.time()), isTimeout);
    }

    /// Delivers an answer to the client.
    private Attempt deliver(Work work, Side side, UpstreamAnswer answer) {
        byte[] first;
        boolean isWhole = false;
        try {
            if (answer.isStream()) {
                byte[] piece = new byte[PIECE];
                int count = answer.body().read(piece);
                answer.requireInTime();
                if (count < 0) {
                    return failed(work, "the stream ended before its first byte", false);
                }
                first = Arrays.copyOf(piece, count);
            } else {
                first = answer.body().readNBytes(WHOLE);
                answer.requireInTime();
                isWhole = first.length < WHOLE;
            }
            answer.hasBegun();
        } catch (IOException e) {
            return failedReading(work, answer, e);
        }
        Duration firstByte = work.time();
        metrics.began(side, firstByte);
        metrics.answered(side, answer.status());
        answer.headers().forEach(work.exchange()::setHeader);
        work.exchange().setHeader("X-Saiki-Side", side.word());
        Capture capture =
                new Capture(work.assignment().compared() ? plan.limits().answerBytes() : BEGINNING);
        if (isWhole) {
            work.exchange().send(answer.status(), answer.contentType(), first);
            capture.add(first, first.length);
        } else {
            stream(work, answer, first, capture);
        }
        return delivered(work, side, answer, capture, firstByte);
    }

    private static Attempt failedReading(Work work, UpstreamAnswer answer, IOException e) {
        if (work.cancellation().isCancelled()) {
            throw new ClientGoneException(e);
        }
        return answer.isLate()
                ? failed(work, "the answer took too long", true)
                : failed(work, "the connection was lost", false);
    }

    private void stream(Work work, UpstreamAnswer answer, byte[] first, Capture capture) {
        try {
            OutputStream output = work.exchange().stream(answer.status(), answer.contentType());
            output.write(first, 0, first.length);
            output.flush();
            capture.add(first, first.length);
            copy(work, answer, output, capture, first);
            output.close();
        } catch (IOException e) {
            work.cancellation().cancel();
            throw new ClientGoneException(e);
        }
    }

    private static void copy(Work work, UpstreamAnswer answer, OutputStream output, Capture capture, byte[] first)
            throws IOException {
        InputStream body = answer.body();
        byte[] piece = new byte[PIECE];
        byte last = first.length == 0 ? (byte) '\n' : first[first.length - 1];
        while (true) {
            int count;
            try {
                count = body.read(piece);
                answer.requireInTime();
            } catch (IOException e) {
                if (work.cancellation().isCancelled() || !answer.isStream() || last != '\n') {
                    throw e;
                }
                LOG.debug("a stream broke off", e);
                output.write(BROKEN_OFF, 0, BROKEN_OFF.length);
                return;
            }
            if (count < 0) {
                return;
            }
            output.write(piece, 0, count);
            output.flush();
            capture.add(piece, count);
            if (count > 0) {
                last = piece[count - 1];
            }
        }
    }

    private Attempt delivered(Work work, Side side, UpstreamAnswer answer, Capture capture, Duration firstByte) {
        Duration total = work.time();
        boolean isStream = answer.isStream();
        if (work.assignment().isOfRollout() && answer.isGood()) {
            AnswerReader.id(capture.bytes(), isStream)
                    .ifPresent(id -> rollout.given(id, work.assignment().conversation(), side));
        }
        int status = answer.status();
        boolean isGood = answer.isGood();
        return new Attempt.Delivered(
                () -> isGood
                        ? AnswerReader.read(capture.bytes(), isStream, firstByte, total)
                        : new Outcome.Failed("status " + status, firstByte, total),
                capture.isWhole());
    }

    /// Stops the forwarder, and its background work too.
    @Override
    public void close() {
        golden.close();
        mirror.close();
        upstream.close();
    }
}
