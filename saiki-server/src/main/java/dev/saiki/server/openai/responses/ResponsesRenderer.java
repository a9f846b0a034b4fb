package dev.saiki.server.openai.responses;

import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.AnswerReading;
import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import dev.saiki.http.EventStream;
import dev.saiki.http.Json;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerRenderer;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.openai.responses.OutputItem.Kind;
import dev.saiki.server.protocol.ResponseIds;
import dev.saiki.server.protocol.UsageJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/responses`: one object, or numbered events, the last of which contains the
/// same object. Thoughts, text and each tool call are separate items.
final class ResponsesRenderer implements AnswerRenderer {

    private static final String IN_PROGRESS = "in_progress";
    private static final String COMPLETED = "completed";
    private static final String INCOMPLETE = "incomplete";

    private final GenerationCall call;
    private final String model;
    private final TokenTexts texts;
    private final AnswerSyntax syntax;
    private AnswerReading reading;
    private final ObjectNode echoed;
    private final String id = ResponseIds.next("resp_");
    private final long created = Instant.now().getEpochSecond();

    /// The items in their order. In a stream, all items except the last are complete.
    private final List<OutputItem> items = new ArrayList<>();

    /// Tokens that have not completed any text yet.
    private final List<Token> unsaid = new ArrayList<>();

    private final List<Integer> depths = new ArrayList<>();
    private String status = IN_PROGRESS;
    private int number;

    /// A receiver of events, which ignores them if the answer is not streamed.
    @FunctionalInterface
    private interface Events {

        Events NONE = (_, _) -> {};

        void send(String type, ObjectNode fields);
    }

    /// Begins an answer.
    ///
    /// @param call the call to answer
    /// @param model the model that answers
    /// @param syntax the syntax of the answer
    /// @param echoed the request fields that the answer repeats
    ResponsesRenderer(GenerationCall call, ModelDeployment model, AnswerSyntax syntax, ObjectNode echoed) {
        this.call = call;
        this.model = model.name();
        this.texts = new TokenTexts(model.engine().tokenizer());
        this.syntax = syntax;
        this.reading = syntax.reading();
        this.echoed = echoed;
    }

    @Override
    public String finishReason(int index, String unread, GenerationResult finish) {
        return reading.end(unread, finish.reason()).name().toLowerCase(Locale.ROOT);
    }

    /// Returns the status of an ended answer. Only the length limit truncates an answer; an answer that the model,
    /// a stop text or its form ended is complete.
    private static String status(GenerationResult finish) {
        return finish.reason() == FinishReason.MAX_TOKENS ? INCOMPLETE : COMPLETED;
    }

    @Override
    public ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome) {
        FinishedAnswer answer = answers.getFirst();
        // Reads the answer token by token, because log-probabilities belong to the text that their tokens
        // complete.
        reading = syntax.reading();
        answer.tokens().forEach(token -> take(token, Events.NONE));
        reading.end(answer.finish().text()).forEach(piece -> take(piece, Events.NONE));
        end(answer.finish(), Events.NONE);
        return response(Optional.of(outcome.usage()));
    }

    private ObjectNode response(Optional<Usage> usage) {
        ObjectNode response = Json.object();
        response.put("id", id);
        response.put("object", "response");
        response.put("created_at", created);
        response.put("status", status);
        response.putNull("error");
        if (status.equals(INCOMPLETE)) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        } else {
            response.putNull("incomplete_details");
        }
        response.put("model", model);
        ArrayNode output = response.putArray("output");
        if (!status.equals(IN_PROGRESS)) {
            items.forEach(item -> output.add(item.toJson(statusOf(item), false)));
        }
        response.setAll(echoed);
        if (call.wants(AnswerPart.DEPTHS) && !status.equals(IN_PROGRESS)) {
            ArrayNode list = response.putArray("depths");
            depths.forEach(list::add);
        }
        response.set("usage", usage.map(ResponsesRenderer::usage).orElse(null));
        return response;
    }

    /// In a truncated answer only the last item is incomplete.
    private String statusOf(OutputItem item) {
        return item == items.getLast() ? status : COMPLETED;
    }

    private static ObjectNode usage(Usage known) {
        Spending spent = known.spending();
        ObjectNode usage = Json.object();
        usage.put("input_tokens", spent.promptTokens());
        ObjectNode input = usage.putObject("input_tokens_details");
        input.put("cached_tokens", spent.cachedTokens());
        input.put("cache_write_tokens", 0);
        usage.put("output_tokens", spent.completionTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        usage.put("total_tokens", spent.promptTokens() + spent.completionTokens());
        usage.set("recursions", UsageJson.recursions(known));
        return usage;
    }

    @Override
    public void begin(EventStream stream) {
        sendResponse(stream, "response.created", Optional.empty());
        sendResponse(stream, "response.in_progress", Optional.empty());
    }

    @Override
    public void token(EventStream stream, int index, Token token) {
        take(token, to(stream));
    }

    @Override
    public void ended(EventStream stream, int index, GenerationResult finish) {
        reading.end(finish.text()).forEach(piece -> take(piece, to(stream)));
        end(finish, to(stream));
    }

    private void take(Token token, Events events) {
        depths.add(token.depth());
        unsaid.add(token);
        reading.take(token.text()).forEach(piece -> take(piece, events));
    }

    private void take(AnswerPiece piece, Events events) {
        switch (piece) {
            case AnswerPiece.Thought(String text) -> write(Kind.REASONING, text, events);
            case AnswerPiece.Words(String text) -> write(Kind.MESSAGE, text, events);
            case AnswerPiece.CallBegun(String name) -> open(OutputItem.ofCall(name, items.size()), events);
            case AnswerPiece.Arguments(String json) -> write(Kind.CALL, json, events);
        }
    }

    private void write(Kind kind, String more, Events events) {
        if (items.isEmpty() || items.getLast().kind() != kind) {
            open(OutputItem.of(kind, items.size()), events);
        }
        OutputItem item = items.getLast();
        ArrayNode logprobs = logprobs(kind);
        item.write(more, logprobs);
        ObjectNode delta = item.contentEvent().put("delta", more);
        if (kind == Kind.MESSAGE) {
            delta.set("logprobs", logprobs);
        }
        events.send("response." + kind.content() + ".delta", delta);
    }

    /// The log-probabilities of the tokens of a piece, if they are requested for text.
    private ArrayNode logprobs(Kind kind) {
        List<Token> tokens = kind == Kind.MESSAGE && call.wants(AnswerPart.LOGPROBS) ? List.copyOf(unsaid) : List.of();
        unsaid.clear();
        return texts.entries(tokens);
    }

    private void open(OutputItem item, Events events) {
        closeLast(COMPLETED, events);
        items.add(item);
        events.send("response.output_item.added", item.wholeEvent(IN_PROGRESS, true));
        if (item.kind() != Kind.CALL) {
            ObjectNode added = item.contentEvent();
            added.set("part", item.part(""));
            events.send("response.content_part.added", added);
        }
    }

    /// Ends the answer. An answer with neither a message nor a tool call gets an empty message, unless it must be a
    /// tool call.
    private void end(GenerationResult finish, Events events) {
        boolean saysNothing = items.stream().allMatch(item -> item.kind() == Kind.REASONING);
        if (saysNothing && !syntax.mustCall()) {
            open(OutputItem.of(Kind.MESSAGE, items.size()), events);
        }
        status = status(finish);
        closeLast(status, events);
    }

    private void closeLast(String how, Events events) {
        if (items.isEmpty()) {
            return;
        }
        OutputItem item = items.getLast();
        events.send("response." + item.kind().content() + ".done", item.doneEvent());
        if (item.kind() != Kind.CALL) {
            ObjectNode whole = item.contentEvent();
            whole.set("part", item.part(item.text()));
            events.send("response.content_part.done", whole);
        }
        events.send("response.output_item.done", item.wholeEvent(how, false));
    }

    /// Sends the last event, which contains the whole answer.
    @Override
    public void completed(EventStream stream, Outcome outcome) {
        sendResponse(stream, "response." + status, Optional.of(outcome.usage()));
    }

    @Override
    public void failed(EventStream stream, ApiException failure) {
        JsonNode error = failure.toJson().get("error");
        ObjectNode event = Json.object();
        event.set("code", error.get("code"));
        event.set("message", error.get("message"));
        event.set("param", error.get("param"));
        to(stream).send("error", event);
    }

    private void sendResponse(EventStream stream, String type, Optional<Usage> usage) {
        ObjectNode event = Json.object();
        event.set("response", response(usage));
        to(stream).send(type, event);
    }

    private Events to(EventStream stream) {
        return (type, fields) -> {
            ObjectNode event = Json.object();
            event.put("type", type);
            event.put("sequence_number", number);
            event.setAll(fields);
            number++;
            stream.send(type, event);
        };
    }
}
