package dev.saiki.server.openai.responses;

import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.server.generation.AnswerRenderer;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.EventStream;
import dev.saiki.server.http.Json;
import dev.saiki.server.openai.ResponseIds;
import dev.saiki.server.openai.UsageJson;
import dev.saiki.server.prompt.FunctionCall;
import dev.saiki.server.prompt.FunctionCallParser;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/responses`: one object, or events with names and numbers, of which the last has
/// that object again.
final class ResponsesRenderer implements AnswerRenderer {

    private static final String IN_PROGRESS = "in_progress";
    private static final String COMPLETED = "completed";
    private static final String INCOMPLETE = "incomplete";

    private final String model;
    private final Optional<FunctionCall> function;
    private final Optional<FunctionCallParser> parser;
    private final ObjectNode echoed;
    private final String id = ResponseIds.next("resp_");
    private final long created = Instant.now().getEpochSecond();

    /// What was written of a message, or of a call's arguments.
    private final StringBuilder text = new StringBuilder();

    /// The one item of the output, without what changes in it; empty until it begins.
    private ObjectNode item = Json.object();

    private boolean isCall;
    private String status = IN_PROGRESS;
    private int number;

    /// Begins an answer.
    ///
    /// @param model what requests call the model
    /// @param function that the answer must or may call
    /// @param echoed fields of the request that the answer repeats
    ResponsesRenderer(String model, Optional<FunctionCall> function, ObjectNode echoed) {
        this.model = model;
        this.function = function;
        this.parser = function.map(FunctionCall::parser);
        this.echoed = echoed;
    }

    @Override
    public String operation() {
        return "chat";
    }

    @Override
    public String finishReason(GenerationResult finish) {
        return FunctionCall.finishReason(function, finish);
    }

    /// What the model ended, or its form, is complete; only a bound on its length cuts an answer off.
    private static String status(GenerationResult finish) {
        return finish.reason() == FinishReason.MAX_TOKENS ? INCOMPLETE : COMPLETED;
    }

    @Override
    public ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome) {
        FinishedAnswer answer = answers.getFirst();
        status = status(answer.finish());
        if (parser.isEmpty()) {
            beginMessage();
            text.append(answer.text());
        } else {
            takeWhole(parser.get(), answer.text());
        }
        return response(Optional.of(outcome.usage()));
    }

    private void takeWhole(FunctionCallParser parts, String answer) {
        String arguments = parts.take(answer).arguments();
        FunctionCallParser.Delta _ = parts.end();
        if (!parts.name().isEmpty()) {
            beginCall(parts.name());
            text.append(arguments);
        } else {
            beginMessage();
            text.append(parts.isText() ? answer : "");
        }
    }

    private void beginMessage() {
        item.put("id", ResponseIds.next("msg_"));
        item.put("type", "message");
        item.put("role", "assistant");
    }

    private void beginCall(String name) {
        isCall = true;
        item.put("id", ResponseIds.next("fc_"));
        item.put("type", "function_call");
        item.put("call_id", ResponseIds.next("call_"));
        item.put("name", name);
    }

    /// The output item with what is written of it.
    private ObjectNode item() {
        ObjectNode now = item.deepCopy();
        now.put("status", status);
        if (isCall) {
            now.put("arguments", text.toString());
        } else {
            ArrayNode content = now.putArray("content");
            if (!status.equals(IN_PROGRESS)) {
                content.add(part(text.toString()));
            }
        }
        return now;
    }

    private static ObjectNode part(String text) {
        ObjectNode part = Json.object();
        part.put("type", "output_text");
        part.put("text", text);
        part.putArray("annotations");
        part.putArray("logprobs");
        return part;
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
        if (!status.equals(IN_PROGRESS) && !item.isEmpty()) {
            output.add(item());
        }
        response.setAll(echoed);
        usage.ifPresentOrElse(known -> response.set("usage", usage(known)), () -> response.putNull("usage"));
        return response;
    }

    private static ObjectNode usage(Usage known) {
        ObjectNode usage = Json.object();
        usage.put("input_tokens", known.promptTokens());
        ObjectNode input = usage.putObject("input_tokens_details");
        input.put("cached_tokens", known.cachedTokens());
        input.put("cache_write_tokens", 0);
        usage.put("output_tokens", known.completionTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        usage.put("total_tokens", known.promptTokens() + known.completionTokens());
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
        take(stream, token.text());
    }

    @Override
    public void ended(EventStream stream, int index, GenerationResult finish) {
        take(stream, finish.text());
        parser.ifPresent(parts -> sendText(stream, parts.end().text()));
        if (function.isEmpty() || (!function.get().required() && !isCall)) {
            openText(stream);
        }
        status = status(finish);
        if (!item.isEmpty()) {
            closeItem(stream);
        }
    }

    private void take(EventStream stream, String more) {
        if (more.isEmpty()) {
            return;
        }
        if (parser.isEmpty()) {
            sendText(stream, more);
            return;
        }
        FunctionCallParser.Delta delta = parser.get().take(more);
        if (parser.get().name().isEmpty()) {
            sendText(stream, delta.text());
        } else {
            sendArguments(stream, parser.get().name(), delta.arguments());
        }
    }

    private void sendArguments(EventStream stream, String name, String arguments) {
        if (item.isEmpty()) {
            beginCall(name);
            sendItem(stream, "response.output_item.added");
        }
        if (!arguments.isEmpty()) {
            text.append(arguments);
            send(stream, "response.function_call_arguments.delta", ofItem().put("delta", arguments));
        }
    }

    /// An answer that begins with nothing may still become a call.
    private void sendText(EventStream stream, String more) {
        if (!more.isEmpty()) {
            openText(stream);
            text.append(more);
            ObjectNode delta = ofPart().put("delta", more);
            delta.putArray("logprobs");
            send(stream, "response.output_text.delta", delta);
        }
    }

    private void openText(EventStream stream) {
        if (item.isEmpty()) {
            beginMessage();
            sendItem(stream, "response.output_item.added");
            ObjectNode added = ofPart();
            added.set("part", part(""));
            send(stream, "response.content_part.added", added);
        }
    }

    private void closeItem(EventStream stream) {
        if (isCall) {
            ObjectNode done = ofItem().put("arguments", text.toString());
            done.set("name", item.get("name"));
            send(stream, "response.function_call_arguments.done", done);
        } else {
            ObjectNode done = ofPart().put("text", text.toString());
            done.putArray("logprobs");
            send(stream, "response.output_text.done", done);
            ObjectNode whole = ofPart();
            whole.set("part", part(text.toString()));
            send(stream, "response.content_part.done", whole);
        }
        sendItem(stream, "response.output_item.done");
    }

    /// The last event has the whole answer.
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
        send(stream, "error", event);
    }

    private void sendResponse(EventStream stream, String type, Optional<Usage> usage) {
        ObjectNode event = Json.object();
        event.set("response", response(usage));
        send(stream, type, event);
    }

    private void sendItem(EventStream stream, String type) {
        ObjectNode event = Json.object().put("output_index", 0);
        event.set("item", item());
        send(stream, type, event);
    }

    private ObjectNode ofItem() {
        ObjectNode event = Json.object();
        event.set("item_id", item.get("id"));
        event.put("output_index", 0);
        return event;
    }

    private ObjectNode ofPart() {
        return ofItem().put("content_index", 0);
    }

    private void send(EventStream stream, String type, ObjectNode fields) {
        ObjectNode event = Json.object();
        event.put("type", type);
        event.put("sequence_number", number);
        event.setAll(fields);
        number++;
        stream.send(type, event);
    }
}
