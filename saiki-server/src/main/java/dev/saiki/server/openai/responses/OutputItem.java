package dev.saiki.server.openai.responses;

import dev.saiki.http.Json;
import dev.saiki.server.protocol.ResponseIds;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An item of a response's output while it is generated: thoughts, a message, or a tool call.
final class OutputItem {

    /// A kind of item.
    enum Kind {
        REASONING("rs_", "reasoning", "reasoning_text"),
        MESSAGE("msg_", "message", "output_text"),
        CALL("fc_", "function_call", "function_call_arguments");

        private final String idPrefix;
        private final String type;
        private final String content;

        Kind(String idPrefix, String type, String content) {
            this.idPrefix = idPrefix;
            this.type = type;
            this.content = content;
        }

        /// The name of the item's content, which is also used in the events about the content.
        String content() {
            return content;
        }
    }

    private final Kind kind;
    private final int index;
    private final ObjectNode head = Json.object();
    private final StringBuilder text = new StringBuilder();
    private final ArrayNode logprobs = Json.array();

    private OutputItem(Kind kind, int index) {
        this.kind = kind;
        this.index = index;
        head.put("id", ResponseIds.next(kind.idPrefix));
        head.put("type", kind.type);
    }

    /// Creates an item of thoughts, or a message.
    ///
    /// @param index among the items
    static OutputItem of(Kind kind, int index) {
        OutputItem item = new OutputItem(kind, index);
        if (kind == Kind.REASONING) {
            item.head.putArray("summary");
        } else {
            item.head.put("role", "assistant");
        }
        return item;
    }

    /// Creates a tool call.
    ///
    /// @param name the name of the function
    /// @param index among the items
    static OutputItem ofCall(String name, int index) {
        OutputItem item = new OutputItem(Kind.CALL, index);
        item.head.put("call_id", ResponseIds.next("call_"));
        item.head.put("name", name);
        return item;
    }

    Kind kind() {
        return kind;
    }

    /// The text generated so far.
    String text() {
        return text.toString();
    }

    void write(String more, ArrayNode moreLogprobs) {
        text.append(more);
        logprobs.addAll(moreLogprobs);
    }

    /// The item with its content so far.
    ///
    /// @param status the status of the item
    /// @param isOpen whether more content may follow
    ObjectNode toJson(String status, boolean isOpen) {
        ObjectNode now = head.deepCopy();
        now.put("status", status);
        if (kind == Kind.CALL) {
            now.put("arguments", text.toString());
        } else {
            ArrayNode content = now.putArray("content");
            if (!isOpen) {
                content.add(part(text.toString()));
            }
        }
        return now;
    }

    /// A part of the item's content.
    ObjectNode part(String said) {
        ObjectNode part = Json.object().put("type", kind.content).put("text", said);
        if (kind == Kind.MESSAGE) {
            part.putArray("annotations");
            part.set("logprobs", said.isEmpty() ? Json.array() : logprobs);
        }
        return part;
    }

    /// An event about the item.
    ObjectNode event() {
        ObjectNode event = Json.object();
        event.set("item_id", head.get("id"));
        return event.put("output_index", index);
    }

    /// An event about the item's content.
    ObjectNode contentEvent() {
        return kind == Kind.CALL ? event() : event().put("content_index", 0);
    }

    /// An event that contains the whole item.
    ObjectNode wholeEvent(String status, boolean isOpen) {
        ObjectNode event = Json.object().put("output_index", index);
        event.set("item", toJson(status, isOpen));
        return event;
    }

    /// An event about the end of the item's content.
    ObjectNode doneEvent() {
        ObjectNode done = contentEvent();
        if (kind == Kind.CALL) {
            done.put("arguments", text.toString());
            done.set("name", head.get("name"));
            return done;
        }
        done.put("text", text.toString());
        if (kind == Kind.MESSAGE) {
            done.set("logprobs", logprobs);
        }
        return done;
    }
}
