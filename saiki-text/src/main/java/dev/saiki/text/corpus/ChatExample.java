package dev.saiki.text.corpus;

import static dev.saiki.io.InputException.require;

import dev.saiki.io.InputException;
import dev.saiki.text.files.JsonKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A conversation to train on.
///
/// @param where the file and line of the example, for messages
/// @param messages objects in the form of chat templates: `role`, `content`, `reasoning_content`, `tool_call_id`,
///     and `tool_calls` whose arguments are JSON objects instead of text
/// @param tools functions in OpenAI's form, possibly none
/// @param answers the indices of the messages to learn, ascending, at least one
public record ChatExample(String where, ArrayNode messages, ArrayNode tools, List<Integer> answers) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String MESSAGES = "messages";
    private static final String PROMPT = "prompt";
    private static final String COMPLETION = "completion";
    private static final String ROLE = "role";
    private static final String CONTENT = "content";
    private static final String ASSISTANT = "assistant";
    private static final String USER = "user";
    private static final Set<String> ROLES = Set.of("system", "developer", USER, ASSISTANT, "tool", "function");
    private static final List<String> THOUGHTS = List.of("reasoning_content", "reasoning");
    private static final int MAX_SHOWN = 60;

    /// Copies the mutable components.
    public ChatExample {
        messages = messages.deepCopy();
        tools = tools.deepCopy();
        answers = List.copyOf(answers);
    }

    /// Reads a line: OpenAI's `messages` with `tools`, or a pair of `prompt` and `completion`.
    ///
    /// An assistant message with `weight: 0` is not learned.
    ///
    /// @param where the file and line of the example, for messages
    /// @param line the object
    /// @return the conversation
    /// @throws InputException stating what is wrong, what is allowed, and what was found
    public static ChatExample read(String where, JsonNode line) {
        Reading reading = new Reading(where);
        if (line.has(MESSAGES)) {
            reading.addAll(line.path(MESSAGES), MESSAGES);
        } else if (line.has(PROMPT) && line.has(COMPLETION)) {
            reading.addPart(line.path(PROMPT), PROMPT, USER);
            reading.addPart(line.path(COMPLETION), COMPLETION, ASSISTANT);
        } else {
            throw InputException.of(
                    where, "the fields", "messages, or prompt and completion", List.copyOf(line.propertyNames()));
        }
        return reading.example(line.path("tools"));
    }

    /// The messages read so far.
    private static final class Reading {

        private final String where;
        private final ArrayNode messages = JSON.arrayNode();
        private final List<Integer> answers = new ArrayList<>();

        Reading(String where) {
            this.where = where;
        }

        ChatExample example(JsonNode tools) {
            if (answers.isEmpty()) {
                throw InputException.of(
                        where,
                        "a conversation",
                        "one with an assistant message",
                        messages.size() + " messages without any");
            }
            ArrayNode functions = JSON.arrayNode();
            if (!tools.isMissingNode() && !tools.isNull()) {
                array(tools, "tools").values().forEach(tool -> {
                    text(tool.path("function").path("name"), "function.name of each tool");
                    functions.add(tool);
                });
            }
            return new ChatExample(where, messages, functions, answers);
        }

        /// Adds the prompt or the completion of a pair: a text, or messages.
        void addPart(JsonNode part, String name, String role) {
            if (part.isArray()) {
                addAll(part, name);
            } else {
                String said = text(part, name);
                add(JSON.objectNode().put(ROLE, role).put(CONTENT, said), name);
            }
        }

        void addAll(JsonNode list, String name) {
            ArrayNode items = array(list, name);
            require(!items.isEmpty(), where, name, "at least one message", "none");
            for (int i = 0; i < items.size(); i++) {
                add(items.get(i), name + "[" + i + "]");
            }
        }

        private void add(JsonNode message, String name) {
            require(message.isObject(), where, name, "an object with role and content", JsonKind.of(message));
            String role = text(message.path(ROLE), name + ".role");
            if (!ROLES.contains(role)) {
                throw InputException.of(
                        where, name + ".role", "system, developer, user, assistant or tool", shown(message.path(ROLE)));
            }
            boolean isAnswer = role.equals(ASSISTANT);
            ObjectNode made = messages.addObject().put(ROLE, written(role));
            JsonNode calls = message.path("tool_calls");
            boolean hasCalls = isAnswer && calls.isArray() && !calls.isEmpty();
            made.put(CONTENT, content(message.path(CONTENT), name + ".content", hasCalls));
            THOUGHTS.stream()
                    .filter(key -> isAnswer && message.path(key).isString())
                    .findFirst()
                    .ifPresent(key ->
                            made.put("reasoning_content", message.path(key).stringValue()));
            if (message.path("tool_call_id").isString()) {
                made.set("tool_call_id", message.path("tool_call_id"));
            }
            if (hasCalls) {
                ArrayNode written = made.putArray("tool_calls");
                for (int i = 0; i < calls.size(); i++) {
                    written.add(call(calls.get(i), name + ".tool_calls[" + i + "]"));
                }
            }
            if (isAnswer && isTarget(message.path("weight"), name)) {
                answers.add(messages.size() - 1);
            }
        }

        private boolean isTarget(JsonNode weight, String name) {
            if (weight.isMissingNode() || weight.isNull()) {
                return true;
            }
            if (!weight.isNumber() || (weight.doubleValue() != 0 && weight.doubleValue() != 1)) {
                throw InputException.of(where, name + ".weight", "0 or 1", shown(weight));
            }
            return weight.doubleValue() == 1;
        }

        private ObjectNode call(JsonNode call, String name) {
            JsonNode function = call.path("function");
            ObjectNode made = JSON.objectNode().put("type", "function");
            if (call.path("id").isString()) {
                made.set("id", call.path("id"));
            }
            made.putObject("function")
                    .put("name", text(function.path("name"), name + ".function.name"))
                    .set("arguments", arguments(function.path("arguments"), name + ".function.arguments"));
            return made;
        }

        /// Converts arguments: OpenAI encodes them as a JSON string, templates expect a JSON object.
        private JsonNode arguments(JsonNode given, String name) {
            JsonNode read = given;
            if (given.isString()) {
                try {
                    read = JsonMapper.shared().readTree(given.stringValue());
                } catch (JacksonException notJson) {
                    throw new InputException(
                            where + ": " + name + " must be a JSON object or a string that contains one, got "
                                    + shown(given),
                            notJson);
                }
            }
            if (!read.isObject()) {
                throw InputException.of(where, name, "a JSON object or a string that contains one", shown(given));
            }
            return read;
        }

        private String content(JsonNode content, String name, boolean mayBeMissing) {
            if (content.isString()) {
                return content.stringValue();
            }
            if (mayBeMissing && (content.isNull() || content.isMissingNode())) {
                return "";
            }
            require(content.isArray(), where, name, "a string or an array of parts of type text", JsonKind.of(content));
            StringBuilder whole = new StringBuilder();
            for (JsonNode part : content.values()) {
                if (!part.path("type").asString("").equals("text")) {
                    throw InputException.of(
                            where, name, "a string or an array of parts of type text", "a part " + shown(part));
                }
                whole.append(text(part.path("text"), "text of a part of " + name));
            }
            return whole.toString();
        }

        private ArrayNode array(JsonNode node, String name) {
            if (node instanceof ArrayNode items) {
                return items;
            }
            throw InputException.of(where, name, "an array", JsonKind.of(node));
        }

        private String text(JsonNode node, String name) {
            if (node.isString()) {
                return node.stringValue();
            }
            throw InputException.of(where, name, "a string", JsonKind.of(node));
        }

        private static String written(String role) {
            return switch (role) {
                case "developer" -> "system";
                case "function" -> "tool";
                default -> role;
            };
        }

        private static String shown(JsonNode node) {
            String text = node.toString();
            return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        }
    }
}
