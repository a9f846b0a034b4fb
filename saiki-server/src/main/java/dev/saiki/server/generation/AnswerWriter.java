package dev.saiki.server.generation;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.engine.EngineFullException;
import dev.saiki.engine.Finish;
import dev.saiki.engine.Token;
import dev.saiki.io.InputException;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.deployment.LoadShedder;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.ClientGoneException;
import dev.saiki.server.http.EventStream;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.metrics.RequestClock;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.prompt.Prompt;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the answers to one request, whole or in pieces.
public final class AnswerWriter {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerWriter.class);

    /// How long a stream may be silent: a long prompt says nothing, and proxies cut off what says nothing.
    private static final Duration PING_INTERVAL = Duration.ofSeconds(10);

    /// Says that tokens of the answer took all recursions, since the router is not trusted.
    public static final String ROUTER_HEADER = "Saiki-Router";

    /// Says that the answer has less depth than it would have if fewer waited.
    private static final String SHED_HEADER = "Saiki-Shed";

    public static final String OVERRULED = "overruled";

    private final ServedModel model;
    private final AnswerShape shape;
    private final Delivery delivery;
    private final LoadShedder.Shed shed;
    private final Ask ask;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final Usage usage;
    private final RequestClock clock;
    private final ServerMetrics metrics;
    private final BitSet counted = new BitSet();
    private final AuditEntry entry = AuditEntry.current();
    private final Map<Integer, StringBuilder> said = new HashMap<>();

    public AnswerWriter(ServedModel model, ServerMetrics metrics, AnswerShape shape, Ask ask) {
        this(model, metrics, shape, Delivery.AS_IT_IS, ask);
    }

    public AnswerWriter(ServedModel model, ServerMetrics metrics, AnswerShape shape, Delivery delivery, Ask ask) {
        this.model = model;
        this.shape = shape;
        this.delivery = delivery;
        LoadShedder.Shed shed = model.shedder().shed(ask.settings().route(), ask.scores());
        this.shed = shed;
        this.ask = ask.withRoute(shed.route());
        this.id = shape.idPrefix() + UUID.randomUUID().toString().replace("-", "");
        this.usage = new Usage(model.engine().config(), shed.level());
        this.clock = metrics.begin(shape.operation());
        this.metrics = metrics;
    }

    /// Makes the engine write, and passes on what it writes.
    public void answer(Exchange exchange) {
        entry.asked(ask.toAudit());
        try (Answers answers = Answers.begin(model, ask);
                Exchange.Watch _ = exchange.watch(answers::abandon)) {
            announce(exchange);
            try {
                if (ask.wants(AnswerPart.PIECES)) {
                    stream(exchange, answers);
                } else {
                    whole(exchange, answers);
                }
            } catch (RuntimeException failure) {
                cutOff(answers);
                throw failure;
            }
        } catch (RuntimeException failure) {
            clock.failed(nameOf(failure));
            throw failure;
        }
    }

    /// Says what is other than usual, before the answer begins.
    private void announce(Exchange exchange) {
        if (model.engine().overrulesRouter()) {
            exchange.setHeader(ROUTER_HEADER, OVERRULED);
        }
        if (shed.level() > 0) {
            exchange.setHeader(SHED_HEADER, shed.header());
            metrics.shed(shed.level());
        }
    }

    /// What monitoring calls a failure.
    public static String nameOf(RuntimeException failure) {
        return switch (failure) {
            case ApiException refusal -> refusal.code().orElse(refusal.type());
            case ClientGoneException _ -> "client_gone";
            case EngineFullException _ -> "queue_full";
            case InputException _ -> "invalid_request_error";
            default -> "internal_error";
        };
    }

    private void whole(Exchange exchange, Answers answers) {
        ObjectNode body = envelope(shape.wholeObject());
        ArrayNode choices = body.putArray("choices");
        for (Answer answer : answers.all(clock::token)) {
            ObjectNode choice = choices.addObject();
            choice.put("index", answer.index());
            shape.putWhole(choice, ask, answer);
            putReports(choice, answer.tokens(), answers.promptOf(answer.index()));
            putPromptIds(shape.hasPromptIdsInChoices() ? choice : body, answers.promptOf(answer.index()));
            choice.put("finish_reason", shape.reason(answer.finish()));
            say(answer.index(), answer.text());
            countWhole(answers, answer.index(), answer.finish());
        }
        RequestClock.Times times = clock.done(usage.toSpending(answers.count()));
        body.set("usage", usage.toJson());
        body.set("timings", usage.timings(times));
        if (usage.overruled() > 0) {
            exchange.setHeader(ROUTER_HEADER, OVERRULED);
        }
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(delivery.whole(body)));
    }

    private ObjectNode envelope(String object) {
        ObjectNode body = Json.object();
        body.put("id", id);
        body.put("object", object);
        body.put("created", created);
        body.put("model", model.name());
        body.put("system_fingerprint", "saiki-" + Manifest.currentVersion());
        return body;
    }

    /// Puts what is wanted of tokens beside their text: the ids of those that were written, and the depths
    /// of all.
    private void putReports(ObjectNode choice, List<Token> tokens, Prompt prompt) {
        if (ask.wants(AnswerPart.DEPTHS)) {
            ArrayNode depths = choice.putArray("depths");
            tokens.forEach(token -> depths.add(token.depth()));
        }
        if (ask.wants(AnswerPart.TOKEN_IDS)) {
            ArrayNode ids = choice.putArray("token_ids");
            tokens.stream()
                    .filter(token -> token.position() >= prompt.ids().length)
                    .forEach(token -> ids.add(token.id()));
        }
    }

    private void putPromptIds(ObjectNode place, Prompt prompt) {
        if (ask.wants(AnswerPart.TOKEN_IDS)) {
            ArrayNode ids = place.putArray("prompt_token_ids");
            Arrays.stream(prompt.ids()).forEach(ids::add);
        }
    }

    private void stream(Exchange exchange, Answers answers) {
        try (EventStream stream = EventStream.begin(exchange)) {
            try {
                pieces(stream, answers);
                delivery.done(stream);
            } catch (ClientGoneException gone) {
                throw gone;
            } catch (ApiException refusal) {
                cutOff(answers);
                clock.failed(nameOf(refusal));
                delivery.failed(stream, refusal);
            } catch (RuntimeException failure) {
                LOG.error("answer {} failed", id, failure);
                cutOff(answers);
                clock.failed(nameOf(failure));
                delivery.failed(stream, ApiException.broken());
            }
        }
    }

    private void pieces(EventStream stream, Answers answers) {
        PieceFrame frame = PieceFrame.of(envelope(shape.pieceObject()), ask.wants(AnswerPart.USAGE_PIECE));
        int[] offsets = new int[answers.count()];
        PieceFrame opening = opening(frame, answers);
        for (int index = 0; index < answers.count(); index++) {
            String beginning = answers.beginningOf(index);
            offsets[index] = codePoints(beginning);
            ObjectNode choice = choice(index);
            if (shape.putOpening(choice, beginning) || ask.wants(AnswerPart.TOKEN_IDS)) {
                if (shape.hasPromptIdsInChoices()) {
                    putPromptIds(choice, answers.promptOf(index));
                }
                send(stream, opening, choice);
            }
        }
        stream.open();
        Answers.Events events = answers.events();
        int open = answers.count();
        while (open > 0) {
            Optional<Answers.Event> event = next(stream, events);
            if (event.isEmpty()) {
                stream.ping();
                continue;
            }
            switch (event.get()) {
                case Answers.Event.Written(int index, Token token) -> {
                    clock.token();
                    say(index, token.text());
                    written(stream, frame, answers, index, token.text(), Optional.of(token), offsets[index]);
                    offsets[index] += codePoints(token.text());
                }
                case Answers.Event.Ended(int index, Finish finish) -> {
                    requireWhole(answers, index, finish);
                    written(stream, frame, answers, index, finish.text(), Optional.empty(), offsets[index]);
                    say(index, finish.text());
                    ended(stream, frame, answers, index, finish);
                    open--;
                }
                case Answers.Event.Failed(int index, RuntimeException failure) -> {
                    counted.set(index);
                    throw failure;
                }
            }
        }
        // Before the record is kept, which may fail: what was said then stands.
        stream.flush();
        RequestClock.Times times = clock.done(usage.toSpending(answers.count()));
        if (ask.wants(AnswerPart.USAGE_PIECE)) {
            ObjectNode last = envelope(shape.pieceObject());
            last.putArray("choices");
            last.set("usage", usage.toJson());
            last.set("timings", usage.timings(times));
            delivery.usage(stream, last);
        }
    }

    /// What first pieces have in common: that of a conversation has the prompt's ids beside its choice.
    private PieceFrame opening(PieceFrame frame, Answers answers) {
        if (!ask.wants(AnswerPart.TOKEN_IDS) || shape.hasPromptIdsInChoices()) {
            return frame;
        }
        ObjectNode envelope = frame.envelope().deepCopy();
        putPromptIds(envelope, answers.promptOf(0));
        return PieceFrame.of(envelope, ask.wants(AnswerPart.USAGE_PIECE));
    }

    /// What happens next. What is ready goes to the client together, before this thread waits; what is written of a
    /// single answer goes no sooner than the stream's next beat, for each way to the client costs far more than a
    /// token's JSON. Where several of its tokens come between two beats, none of them wakes this thread.
    private static Optional<Answers.Event> next(EventStream stream, Answers.Events events) {
        Optional<Answers.Event> ready = events.next(Duration.ZERO);
        if (ready.isEmpty() && stream.hasPending()) {
            ready = atBeat(stream, events);
            if (ready.isEmpty()) {
                stream.flush();
            }
        }
        if (ready.isEmpty() && stream.isBrisk()) {
            ready = atBeat(stream, events);
        }
        return ready.isPresent() ? ready : events.next(PING_INTERVAL);
    }

    private static Optional<Answers.Event> atBeat(EventStream stream, Answers.Events events) {
        events.gather(stream.untilDue());
        return events.next(Duration.ZERO);
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    /// Remembers what of an answer went to the client, for a record that has texts.
    private void say(int index, String text) {
        if (entry.wantsTexts()) {
            said.computeIfAbsent(index, _ -> new StringBuilder()).append(text);
        }
    }

    /// Sends what a token completed. One that completed nothing is sent too if something is to be said of it.
    private void written(
            EventStream stream,
            PieceFrame frame,
            Answers answers,
            int index,
            String text,
            Optional<Token> token,
            int offset) {
        boolean reported = token.isPresent()
                && (ask.wants(AnswerPart.LOGPROBS) || ask.wants(AnswerPart.DEPTHS) || ask.wants(AnswerPart.TOKEN_IDS));
        if (text.isEmpty() && !reported) {
            return;
        }
        ObjectNode choice = choice(index);
        shape.putPiece(choice, ask, text, token, offset);
        putReports(choice, token.stream().toList(), answers.promptOf(index));
        send(stream, frame, choice);
    }

    /// Lets through what ended by itself; what did not has cost something all the same.
    private void requireWhole(Answers answers, int index, Finish finish) {
        try {
            answers.requireWhole(finish);
        } catch (RuntimeException refusal) {
            countCut(answers, index, finish);
            throw refusal;
        }
    }

    /// Ends what is not done, and counts what it has cost until then.
    private void cutOff(Answers answers) {
        if (entry.spending().isEmpty()) {
            answers.cutOff(counted).forEach((index, finish) -> countCut(answers, index, finish));
            clock.cutOff(usage.toSpending(answers.count()));
        }
    }

    /// An answer was cut off: what it cost until then, and what of it was said in a stream.
    private void countCut(Answers answers, int index, Finish finish) {
        entry.finished(finish.reason().name().toLowerCase(Locale.ROOT));
        count(answers, index, finish);
    }

    private void count(Answers answers, int index, Finish finish) {
        counted.set(index);
        usage.add(ask, index, finish);
        finish.queued().ifPresent(clock::queued);
        if (entry.wantsTexts()) {
            String text = said.getOrDefault(index, new StringBuilder()).toString();
            List<Integer> depths = Arrays.stream(finish.depths()).boxed().toList();
            entry.said(new AuditedText(answers.promptOf(index).text(), text, depths));
        }
    }

    /// An answer is complete: what it cost, and, where that is kept, what it says.
    private void countWhole(Answers answers, int index, Finish finish) {
        clock.finished(shape.reason(finish));
        count(answers, index, finish);
    }

    private void ended(EventStream stream, PieceFrame frame, Answers answers, int index, Finish finish) {
        countWhole(answers, index, finish);
        ObjectNode rest = choice(index);
        if (shape.putRest(rest)) {
            send(stream, frame, rest);
        }
        ObjectNode choice = choice(index);
        shape.putEnding(choice);
        choice.put("finish_reason", shape.reason(finish));
        send(stream, frame, choice);
    }

    private static ObjectNode choice(int index) {
        return Json.object().put("index", index);
    }

    private void send(EventStream stream, PieceFrame frame, ObjectNode choice) {
        if (!choice.has("finish_reason")) {
            choice.putNull("finish_reason");
        }
        delivery.piece(stream, frame, choice);
    }
}
