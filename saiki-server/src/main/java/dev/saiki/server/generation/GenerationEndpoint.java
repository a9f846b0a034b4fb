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

/// An endpoint that generates text: a protocol's reader turns the request into a call, the engine runs it, and
/// each event is passed to the recorder and to the protocol's renderer.
///
/// @param reader the reader of the protocol's requests
/// @param maxBodyBytes the largest accepted body
public record GenerationEndpoint(CallReader reader, int maxBodyBytes) implements Endpoint {

    /// The header of an answer with tokens at the reference depth, because the router's circuit breaker is open. A
    /// streamed answer has it only if the breaker is open when the answer starts.
    public static final String ROUTER_HEADER = "Saiki-Router";

    /// The value of the header {@link #ROUTER_HEADER}.
    public static final String OVERRULED = "overruled";

    private static final Logger LOG = LoggerFactory.getLogger(GenerationEndpoint.class);

    /// The longest time in which a stream sends nothing: the prefill of a long prompt sends no events, and proxies
    /// close silent connections.
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    /// The header that lists the schema keywords that are not enforced.
    private static final String RELAXED_HEADER = "Saiki-Relaxed";

    /// The header of an answer whose depth was lowered under load.
    private static final String SHED_HEADER = "Saiki-Shed";

    @Override
    public void answer(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), maxBodyBytes);
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

    /// Sets the headers for deviations from normal operation, before the answer starts.
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
                // Sends the text before the record is stored: if storing fails, the text sent so far remains
                // valid.
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

    /// Passes events on until all answers have ended.
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

    /// Waits for the next event. Events that are ready are sent to the client together, before this thread waits.
    /// Tokens of a single answer are sent no sooner than the stream's next flush is due, because each write to the
    /// socket costs far more than a token's JSON. If several tokens of an answer arrive between two flushes, none
    /// of them wakes this thread.
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
