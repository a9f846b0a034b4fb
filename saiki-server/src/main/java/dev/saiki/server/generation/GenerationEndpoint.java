package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.EventStream;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Endpoint;
import dev.saiki.server.access.Request;
import dev.saiki.server.deployment.LoadShedder;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.GenerationEvent.AnswerEnded;
import dev.saiki.server.generation.GenerationEvent.AnswerFailed;
import dev.saiki.server.generation.GenerationEvent.TokenWritten;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// An endpoint that generates text: a protocol's reader makes a call of the request, the engine runs it, and each event
/// goes to the recorder and to the protocol's renderer.
public final class GenerationEndpoint implements Endpoint {

    /// Says that tokens of the answer took the reference depth, since the router is not trusted.
    public static final String ROUTER_HEADER = "Saiki-Router";

    /// What that header says.
    public static final String OVERRULED = "overruled";

    private static final Logger LOG = LoggerFactory.getLogger(GenerationEndpoint.class);

    /// How long a stream may be silent: a long prompt says nothing, and proxies cut off what says nothing.
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    /// Names the keywords of a schema that do not bind the answer, since they need not and cannot.
    private static final String RELAXED_HEADER = "Saiki-Relaxed";

    /// Says that the answer has less depth than it would have if fewer waited.
    private static final String SHED_HEADER = "Saiki-Shed";

    private final CallReader reader;
    private final int mostBodyBytes;

    /// Makes the endpoint of a protocol.
    ///
    /// @param reader of its requests
    /// @param mostBodyBytes longest body that is read
    public GenerationEndpoint(CallReader reader, int mostBodyBytes) {
        this.reader = reader;
        this.mostBodyBytes = mostBodyBytes;
    }

    @Override
    public void answer(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), mostBodyBytes);
        Request request = asked.forModel(body.text("model"));
        CallReader.Reading read = reader.read(request, body);
        ModelDeployment deployment = request.deployment();
        GenerationCall call = read.call();
        AnswerRenderer renderer = read.renderer();
        GenerationRecorder recorder = new GenerationRecorder(
                call,
                deployment.engine().config(),
                request.entry(),
                deployment.monitors().metrics().begin(renderer.operation()),
                renderer::finishReason);
        try (ActiveCall active = ActiveCall.start(deployment, call);
                Exchange.Watch _ = request.exchange().watch(active::abandon)) {
            announce(request, call);
            try {
                if (call.wants(AnswerPart.STREAM)) {
                    stream(request, active, call.answers(), recorder, renderer);
                } else {
                    whole(request.exchange(), active, recorder, renderer);
                }
            } catch (RuntimeException failure) {
                recorder.cutOff(active::cutOff);
                throw failure;
            }
        } catch (RuntimeException failure) {
            recorder.failed(failure);
            throw failure;
        }
    }

    /// Says what is other than usual, before the answer begins.
    private void announce(Request request, GenerationCall call) {
        List<String> relaxed =
                call.settings().constraint().map(TextConstraint::relaxed).orElse(List.of());
        if (!relaxed.isEmpty()) {
            String keywords = String.join(", ", relaxed);
            request.exchange().setHeader(RELAXED_HEADER, keywords);
            LOG.info("schema keywords not enforced: {}", keywords);
        }
        if (request.deployment().engine().overrulesRouter(call.settings().owner())) {
            request.exchange().setHeader(ROUTER_HEADER, OVERRULED);
        }
        if (call.shedLevel() > 0) {
            request.exchange()
                    .setHeader(
                            SHED_HEADER,
                            LoadShedder.header(call.shedLevel(), call.settings().route()));
            request.deployment().monitors().metrics().shed(call.shedLevel());
        }
    }

    private static void whole(
            Exchange exchange, ActiveCall active, GenerationRecorder recorder, AnswerRenderer renderer) {
        List<FinishedAnswer> answers = active.all(recorder::token);
        answers.forEach(recorder::ended);
        Outcome outcome = recorder.completed();
        ObjectNode body = renderer.whole(answers, outcome);
        if (outcome.usage().overruled() > 0) {
            exchange.setHeader(ROUTER_HEADER, OVERRULED);
        }
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static void stream(
            Request request, ActiveCall active, int answers, GenerationRecorder recorder, AnswerRenderer renderer) {
        try (EventStream stream = EventStream.begin(request.exchange())) {
            try {
                renderer.begin(stream);
                stream.open();
                active.open();
                relay(stream, active, answers, recorder, renderer);
                // Before the record is kept, which may fail: what was said then stands.
                stream.flush();
                renderer.completed(stream, recorder.completed());
            } catch (ClientGoneException gone) {
                throw gone;
            } catch (RuntimeException failure) {
                recorder.cutOff(active::cutOff);
                recorder.failed(failure);
                renderer.failed(stream, told(failure));
            }
        }
    }

    private static ApiException told(RuntimeException failure) {
        if (failure instanceof ApiException refusal) {
            return refusal;
        }
        LOG.error("an answer failed", failure);
        return ApiException.broken();
    }

    /// Passes on what happens until all answers have ended.
    private static void relay(
            EventStream stream, ActiveCall active, int answers, GenerationRecorder recorder, AnswerRenderer renderer) {
        int open = answers;
        boolean started = false;
        while (open > 0) {
            Optional<GenerationEvent> event = next(stream, active);
            if (event.isEmpty()) {
                renderer.silent(stream);
                continue;
            }
            if (!started && !(event.get() instanceof AnswerFailed)) {
                started = true;
                renderer.started(stream, active.cachedTokens());
            }
            switch (event.get()) {
                case TokenWritten(int index, Token token) -> {
                    recorder.token(index, token);
                    renderer.token(stream, index, token);
                }
                case AnswerEnded(int index, GenerationResult finish) -> {
                    recorder.ended(index, finish);
                    renderer.ended(stream, index, finish);
                    open--;
                }
                case AnswerFailed failed -> {
                    recorder.failed(failed);
                    throw failed.failure();
                }
            }
        }
    }

    /// Waits for what happens next. What is ready goes to the client together, before this thread waits; what is
    /// written of a single answer goes no sooner than the stream's next flush is due, for each way to the client
    /// costs far more than a token's JSON. Where several of its tokens come between two flushes, none of them
    /// wakes this thread.
    private static Optional<GenerationEvent> next(EventStream stream, ActiveCall active) {
        Optional<GenerationEvent> ready = active.next(Duration.ZERO);
        if (ready.isEmpty() && stream.hasPending()) {
            ready = whenDue(stream, active);
            if (ready.isEmpty()) {
                stream.flush();
            }
        }
        if (ready.isEmpty() && stream.isBrisk()) {
            ready = whenDue(stream, active);
        }
        return ready.isPresent() ? ready : active.next(PING_INTERVAL);
    }

    private static Optional<GenerationEvent> whenDue(EventStream stream, ActiveCall active) {
        active.gather(stream.untilDue());
        return active.next(Duration.ZERO);
    }
}
