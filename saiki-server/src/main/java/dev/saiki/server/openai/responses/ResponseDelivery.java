package dev.saiki.server.openai.responses;

import dev.saiki.server.generation.Delivery;
import dev.saiki.server.generation.PieceFrame;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.EventStream;
import dev.saiki.server.http.Json;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/// Turns answers of chat completions into those of OpenAI's Responses API: one object, or events with names
/// and numbers, of which the last has that object again.
final class ResponseDelivery implements Delivery {

    private static final String IN_PROGRESS = "in_progress";
    private static final String COMPLETED = "completed";
    private static final String INCOMPLETE = "incomplete";

    private final ObjectNode echoed;
    private final String id = newId("resp_");
    private final StringBuilder text = new StringBuilder();
    private ObjectNode head = Json.object();
    private ObjectNode item = Json.object();
    private boolean begun;
    private boolean isText;
    private String finishReason = "";
    private int number;

    /// Begins an answer.
    ///
    /// @param echoed fields of the request that the answer repeats
    ResponseDelivery(ObjectNode echoed) {
        this.echoed = echoed;
    }

    private static String newId(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    @Override
    public ObjectNode whole(ObjectNode body) {
        head = body;
        JsonNode choice = body.get("choices").get(0);
        finishReason = choice.get("finish_reason").stringValue();
        JsonNode message = choice.get("message");
        if (message.has("tool_calls")) {
            JsonNode call = message.get("tool_calls").get(0);
            item = callItem(call);
            text.append(call.get("function").get("arguments").stringValue());
        } else {
            item = messageItem();
            text.append(message.get("content").stringValue(""));
        }
        return response(status(), body.get("usage"));
    }

    private static ObjectNode messageItem() {
        ObjectNode message = Json.object();
        message.put("id", newId("msg_"));
        message.put("type", "message");
        message.put("role", "assistant");
        return message;
    }

    private static ObjectNode callItem(JsonNode call) {
        ObjectNode made = Json.object();
        made.put("id", newId("fc_"));
        made.put("type", "function_call");
        made.set("call_id", call.get("id"));
        made.set("name", call.get("function").get("name"));
        return made;
    }

    private boolean isCall() {
        return item.path("type").stringValue("").equals("function_call");
    }

    /// What the model ended, or its form, is complete; only a bound on its length cuts an answer off.
    private String status() {
        return finishReason.equals("length") ? INCOMPLETE : COMPLETED;
    }

    /// The output item with what is written of it.
    private ObjectNode item(String status) {
        ObjectNode now = item.deepCopy();
        now.put("status", status);
        if (isCall()) {
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

    private ObjectNode response(String status, JsonNode usage) {
        ObjectNode response = Json.object();
        response.put("id", id);
        response.put("object", "response");
        response.set("created_at", head.get("created"));
        response.put("status", status);
        response.putNull("error");
        if (status.equals(INCOMPLETE)) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        } else {
            response.putNull("incomplete_details");
        }
        response.set("model", head.get("model"));
        ArrayNode output = response.putArray("output");
        if (!status.equals(IN_PROGRESS) && !item.isEmpty()) {
            output.add(item(status));
        }
        response.setAll(echoed);
        if (usage.isNull()) {
            response.putNull("usage");
        } else {
            response.set("usage", usage(usage));
        }
        return response;
    }

    private static ObjectNode usage(JsonNode chat) {
        ObjectNode usage = Json.object();
        usage.set("input_tokens", chat.get("prompt_tokens"));
        ObjectNode input = usage.putObject("input_tokens_details");
        input.set("cached_tokens", chat.get("prompt_tokens_details").get("cached_tokens"));
        input.put("cache_write_tokens", 0);
        usage.set("output_tokens", chat.get("completion_tokens"));
        usage.set("output_tokens_details", chat.get("completion_tokens_details"));
        usage.set("total_tokens", chat.get("total_tokens"));
        usage.set("recursions", chat.get("recursions"));
        return usage;
    }

    @Override
    public void piece(EventStream stream, PieceFrame frame, ObjectNode choice) {
        begin(stream, frame.envelope());
        JsonNode delta = choice.get("delta");
        if (delta.has("tool_calls")) {
            call(stream, delta.get("tool_calls").get(0));
        } else if (delta.has("content") && delta.get("content").isString()) {
            isText = true;
            text(stream, delta.get("content").stringValue());
        }
        if (!choice.get("finish_reason").isNull()) {
            finishReason = choice.get("finish_reason").stringValue();
            end(stream);
        }
    }

    @Override
    public void usage(EventStream stream, ObjectNode piece) {
        begin(stream, piece);
        sendResponse(stream, "response." + status(), status(), piece.get("usage"));
    }

    private void begin(EventStream stream, ObjectNode envelope) {
        head = envelope;
        if (!begun) {
            begun = true;
            sendResponse(stream, "response.created", IN_PROGRESS, NullNode.getInstance());
            sendResponse(stream, "response.in_progress", IN_PROGRESS, NullNode.getInstance());
        }
    }

    private void sendResponse(EventStream stream, String type, String status, JsonNode usage) {
        ObjectNode event = Json.object();
        event.set("response", response(status, usage));
        send(stream, type, event);
    }

    private void send(EventStream stream, String type, ObjectNode fields) {
        ObjectNode event = Json.object();
        event.put("type", type);
        event.put("sequence_number", number);
        event.setAll(fields);
        number++;
        stream.send(type, event);
    }

    private void call(EventStream stream, JsonNode call) {
        if (item.isEmpty()) {
            item = callItem(call);
            sendItem(stream, "response.output_item.added", IN_PROGRESS);
        }
        String arguments = call.get("function").get("arguments").stringValue();
        if (!arguments.isEmpty()) {
            text.append(arguments);
            send(stream, "response.function_call_arguments.delta", ofItem().put("delta", arguments));
        }
    }

    /// An answer that begins with nothing may still become a call.
    private void text(EventStream stream, String more) {
        if (!more.isEmpty()) {
            beginText(stream);
            text.append(more);
            ObjectNode delta = ofPart().put("delta", more);
            delta.putArray("logprobs");
            send(stream, "response.output_text.delta", delta);
        }
    }

    private void beginText(EventStream stream) {
        if (item.isEmpty()) {
            item = messageItem();
            sendItem(stream, "response.output_item.added", IN_PROGRESS);
            ObjectNode added = ofPart();
            added.set("part", part(""));
            send(stream, "response.content_part.added", added);
        }
    }

    private void end(EventStream stream) {
        if (isText) {
            beginText(stream);
        }
        if (item.isEmpty()) {
            return;
        }
        if (isCall()) {
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
        sendItem(stream, "response.output_item.done", status());
    }

    private void sendItem(EventStream stream, String type, String status) {
        ObjectNode event = Json.object().put("output_index", 0);
        event.set("item", item(status));
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

    /// The last event has the whole answer already.
    @Override
    public void done(EventStream stream) {}

    @Override
    public void failed(EventStream stream, ApiException failure) {
        JsonNode error = failure.toJson().get("error");
        ObjectNode event = Json.object();
        event.set("code", error.get("code"));
        event.set("message", error.get("message"));
        event.set("param", error.get("param"));
        send(stream, "error", event);
    }
}
