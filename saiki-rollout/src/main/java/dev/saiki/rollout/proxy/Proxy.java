package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.AnswerReader;
import dev.saiki.rollout.pair.Fault;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Received;
import dev.saiki.rollout.pair.Received.Ending;
import dev.saiki.rollout.pair.RequestedForm;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The forwarder of requests to a side and of answers to the client. Answers are streamed; all other work follows
/// afterwards.
///
/// If the candidate fails before the first byte reaches the client, or is ejected, the baseline answers instead.
public final class Proxy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Proxy.class);

    /// The largest piece read and written at once.
    static final int PIECE = 1 << 14;

    /// The longest non-streamed answer that is sent in one piece, and so is in memory while a slow client reads it.
    private static final int WHOLE = 1 << 16;

    /// The number of bytes kept of an answer that is not compared, enough to include the answer's id.
    private static final int BEGINNING = 1 << 13;

    /// The least status by which a side says that itself has failed.
    private static final int SERVER_ERROR = 500;

    /// The outcome of a request to the candidate that was not sent.
    private static final Attempt.Failed EJECTED = new Attempt.Failed(new Outcome.Failed(
            Fault.FAILED, "the candidate is ejected after several failures in a row", Duration.ZERO, Duration.ZERO));

    private static final byte[] BROKEN_OFF =
            ("data: {\"error\":{\"message\":\"the answer was interrupted\",\"type\":\"server_error\",\"param\":null,"
                            + "\"code\":\"upstream_failed\"}}\n\n")
                    .getBytes(StandardCharsets.UTF_8);

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final TrafficSplitter splitter;
    private final GatewayMetrics metrics;
    private final Ejection ejection;
    private final RetryBudget budget;
    private final Upstream upstream = new Upstream();
    private final Mirror mirror;
    private final GoldenAsker golden;

    /// The result of trying one side.
    private sealed interface Attempt {
        /// The client received an answer, whole or as far as it came.
        ///
        /// @param status the answer's status
        /// @param isWhole whether the client can tell that the answer ended
        record Delivered(Supplier<Outcome> outcome, int status, boolean isWhole) implements Attempt {}

        /// Nothing was sent to the client yet.
        record Failed(Outcome.Failed outcome) implements Attempt {}
    }

    /// A request in progress.
    private record Work(
            Exchange exchange,
            ForwardedRequest request,
            Assignment assignment,
            HeldBytes.Share share,
            Cancellation cancellation,
            long since) {
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
        this.ejection = new Ejection(plan.fallback(), System::nanoTime);
        this.budget = new RetryBudget(plan.fallback().share(), System::nanoTime);
        metrics.showEjection(this::isEjected);
        this.mirror = new Mirror(plan, upstream, rollout, metrics);
        this.golden = GoldenAsker.start(plan, rollout, mirror, metrics);
    }

    /// Returns whether the candidate is ejected.
    ///
    /// @return true while the baseline answers at once in the place of a candidate that failed
    public boolean isEjected() {
        return ejection.isEjected() && !rollout.position().aborted();
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
        HeldBytes.Share share = mirror.share();
        Assignment assignment = mirror.admitted(splitter.assign(request, tenant), body.length, share);
        assignment
                .comparison()
                .ifPresent(comparison -> rollout.record(new RolloutEvent.Assigned(
                        assignment.position().run(),
                        comparison.key(),
                        comparison.isFirst(),
                        assignment.subject().user(),
                        assignment.side().other(),
                        comparison.traits(),
                        Instant.now())));
        if (assignment.cause() == Assignment.Cause.FORCED) {
            metrics.forced(assignment.side());
        }
        boolean isWhole;
        try (Cancellation cancellation = new Cancellation(exchange)) {
            isWhole = answer(new Work(exchange, request, assignment, share, cancellation, since));
        }
        if (!isWhole) {
            throw new ClientGoneException(new IOException("the answer broke off"));
        }
    }

    /// Answers a request, and compares the answer afterwards.
    ///
    /// @return false if the client received a part that looks like a whole answer
    private boolean answer(Work work) {
        Assignment assignment = work.assignment();
        return switch (first(work)) {
            case Attempt.Delivered delivered -> {
                budget.earn();
                ended(assignment, false);
                compare(work, delivered.outcome());
                yield delivered.isWhole();
            }
            case Attempt.Failed failed -> {
                if (!assignment.mayFallBack()) {
                    ended(assignment, false);
                    compare(work, failed::outcome);
                    throw refusal(assignment.side(), failed);
                }
                yield fallBack(work, failed);
            }
        };
    }

    /// Tries the assigned side, unless it is ejected. An ejected candidate counts as failed.
    private Attempt first(Work work) {
        Assignment assignment = work.assignment();
        if (assignment.mayFallBack() && !ejection.admits()) {
            return EJECTED;
        }
        Attempt attempt = attempt(work, assignment.side(), () -> mirror.withdraw(assignment, work.share()));
        if (assignment.mayFallBack() && attempt instanceof Attempt.Failed(Outcome.Failed outcome)) {
            ejection.note(outcome.fault());
        }
        return attempt;
    }

    /// Lets the baseline answer in the candidate's place. The baseline answers a compared request in any case, so only
    /// others need budget.
    private boolean fallBack(Work work, Attempt.Failed candidate) {
        Assignment assignment = work.assignment();
        if (!assignment.compared() && !budget.spend()) {
            metrics.refusedFallback();
            ended(assignment, false);
            throw ApiException.unavailable("the candidate failed: "
                    + candidate.outcome().reason()
                    + "; the baseline may not answer in its place: the plan's fallback.share is used up");
        }
        LOG.debug(
                "the candidate failed, so the baseline answers: {}",
                candidate.outcome().reason());
        metrics.fellBack();
        boolean wasAsked = !candidate.equals(EJECTED);
        Attempt attempt = attempt(work, Side.BASELINE, () -> compare(work, candidate::outcome));
        ended(assignment, false);
        mirror.fellBack(
                work.request(),
                assignment,
                candidate.outcome(),
                switch (attempt) {
                    case Attempt.Delivered delivered -> delivered.outcome();
                    case Attempt.Failed failed -> failed::outcome;
                },
                work.share());
        return switch (attempt) {
            case Attempt.Delivered delivered -> {
                if (wasAsked && delivered.status() >= SERVER_ERROR) {
                    ejection.excuse();
                }
                yield delivered.isWhole();
            }
            case Attempt.Failed failed -> {
                if (wasAsked) {
                    ejection.excuse();
                }
                throw refusal(Side.BASELINE, failed);
            }
        };
    }

    private void compare(Work work, Supplier<Outcome> own) {
        mirror.ask(work.request(), work.assignment(), work.since(), own, work.share());
    }

    /// Tries one side.
    ///
    /// @param otherwise what to do with the comparison if the client leaves meanwhile, or the gateway itself fails
    private Attempt attempt(Work work, Side side, Runnable otherwise) {
        try {
            return attempt(work, side);
        } catch (ClientGoneException gone) {
            metrics.clientGone();
            ended(work.assignment(), true);
            otherwise.run();
            throw gone;
        } catch (RuntimeException broken) {
            ended(work.assignment(), false);
            otherwise.run();
            throw broken;
        }
    }

    /// Records how a request ended for its client, whichever side answered.
    private void ended(Assignment assignment, boolean isLeft) {
        if (assignment.isOfRollout()) {
            rollout.record(new RolloutEvent.Ended(
                    assignment.position().run(),
                    assignment.pairKey(),
                    assignment.isFirstTurn(),
                    assignment.side(),
                    isLeft));
        }
    }

    private static ApiException refusal(Side side, Attempt.Failed failed) {
        String message = "the " + side.word() + " failed: " + failed.outcome().reason();
        return failed.outcome().fault().isTimeout()
                ? ApiException.upstreamLate(message)
                : ApiException.upstreamFailed(message);
    }

    private Attempt attempt(Work work, Side side) {
        long since = System.nanoTime();
        Map<String, JsonNode> fields = side == Side.CANDIDATE && work.request().isGeneration()
                ? work.assignment().position().fields(plan.fields())
                : Map.of();
        try (UpstreamAnswer answer = upstream.ask(
                work.request().to(side, plan, fields, plan.access().keys().isEmpty()),
                plan.endpoint(side),
                work.request().streams(),
                work.cancellation())) {
            if (!answer.isGood() && work.assignment().mayFallBack() && side == Side.CANDIDATE) {
                return failed(answer, Ending.REGULAR);
            }
            return deliver(work, side, answer);
        } catch (UpstreamException e) {
            Duration time = Duration.ofNanos(System.nanoTime() - since);
            return new Attempt.Failed(new Outcome.Failed(e.fault(), String.valueOf(e.getMessage()), time, time));
        }
    }

    /// The failure of an answer of which the client has received nothing.
    private static Attempt.Failed failed(UpstreamAnswer answer, Ending ending) {
        return new Attempt.Failed(
                (Outcome.Failed) answer.received(new byte[0], ending).outcome(RequestedForm.ANY));
    }

    /// Delivers an answer to the client.
    private Attempt deliver(Work work, Side side, UpstreamAnswer answer) {
        byte[] first;
        try {
            first = beginning(answer);
        } catch (IOException e) {
            if (work.cancellation().isCancelled()) {
                throw new ClientGoneException(e);
            }
            return failed(answer, answer.brokenOff());
        }
        if (answer.isStream() && first.length == 0) {
            return failed(answer, Ending.LOST);
        }
        if (side == Side.CANDIDATE && work.assignment().mayFallBack()) {
            ejection.excuse();
        }
        metrics.began(side, work.time());
        metrics.answered(side, answer.status());
        answer.headers().forEach(work.exchange()::setHeader);
        work.exchange().setHeader("X-Saiki-Side", side.word());
        Capture capture = work.assignment().compared()
                ? new Capture(plan.limits().answerBytes(), work.share()::take)
                : new Capture(BEGINNING, _ -> true);
        Ending ending = Ending.REGULAR;
        if (!answer.isStream() && first.length < WHOLE) {
            work.exchange().send(answer.status(), answer.contentType(), first);
            capture.add(first, first.length);
        } else {
            ending = stream(work, answer, first, capture);
        }
        return delivered(work, side, answer, capture, ending);
    }

    /// Reads the first piece of a stream, or another answer up to a length at which it is passed on in pieces.
    private static byte[] beginning(UpstreamAnswer answer) throws IOException {
        ByteArrayOutputStream beginning = new ByteArrayOutputStream();
        byte[] piece = new byte[PIECE];
        for (int count = answer.read(piece); count >= 0; count = answer.read(piece)) {
            beginning.write(piece, 0, count);
            if (answer.isStream() || beginning.size() >= WHOLE) {
                break;
            }
        }
        return beginning.toByteArray();
    }

    /// Passes a stream on, piece by piece. If it breaks off between two events, an event says so.
    ///
    /// @return how the answer ended
    /// @throws ClientGoneException if the client has gone
    private static Ending stream(Work work, UpstreamAnswer answer, byte[] first, Capture capture) {
        try {
            OutputStream output = work.exchange().stream(answer.status(), answer.contentType());
            output.write(first, 0, first.length);
            output.flush();
            capture.add(first, first.length);
            Ending ending = copy(work, answer, output, capture);
            if (ending == Ending.REGULAR) {
                output.close();
            } else if (answer.isStream() && capture.endsLine()) {
                output.write(BROKEN_OFF, 0, BROKEN_OFF.length);
                output.close();
            }
            return ending;
        } catch (IOException e) {
            work.cancellation().cancel();
            throw new ClientGoneException(e);
        }
    }

    /// Copies until the answer ends.
    ///
    /// @throws IOException if the client has gone
    private static Ending copy(Work work, UpstreamAnswer answer, OutputStream output, Capture capture)
            throws IOException {
        byte[] piece = new byte[PIECE];
        while (true) {
            int count;
            try {
                count = answer.read(piece);
            } catch (IOException e) {
                if (work.cancellation().isCancelled()) {
                    throw e;
                }
                LOG.debug("an answer broke off", e);
                return answer.brokenOff();
            }
            if (count < 0) {
                return Ending.REGULAR;
            }
            output.write(piece, 0, count);
            output.flush();
            capture.add(piece, count);
        }
    }

    private Attempt delivered(Work work, Side side, UpstreamAnswer answer, Capture capture, Ending ending) {
        byte[] kept = capture.bytes();
        if (work.assignment().isOfRollout() && answer.isGood()) {
            AnswerReader.id(kept, answer.isStream())
                    .ifPresent(id -> rollout.record(
                            new RolloutEvent.Delivered(id, work.assignment().conversation(), side, Instant.now())));
        }
        Received received = answer.received(kept, ending);
        boolean isWhole = ending == Ending.REGULAR || (answer.isStream() && capture.endsLine());
        return new Attempt.Delivered(() -> capture.outcome(received, work.request()), answer.status(), isWhole);
    }

    /// Stops the forwarder, and its background work too.
    @Override
    public void close() {
        golden.close();
        mirror.close();
        upstream.close();
    }
}
