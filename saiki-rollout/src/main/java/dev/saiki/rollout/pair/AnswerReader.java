package dev.saiki.rollout.pair;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/// A parser of a side's answer, whole or streamed: chat completions, completions, and responses.
///
/// OpenAI's client libraries are unsuitable: they read from their own connections, whereas the bytes of an answer
/// have already been streamed to a client.
public final class AnswerReader {

    private static final JsonMapper SORTED =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    private static final String DATA = "data:";
    private static final String LAST = "[DONE]";

    private final StringBuilder text = new StringBuilder();
    private final Map<Integer, ToolCall> calls = new TreeMap<>();
    private Optional<String> id = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private Optional<Recursions> recursions = Optional.empty();
    private long promptTokens;
    private long completionTokens;
    private boolean ended;

    /// The part of a tool call that has been received.
    private static final class ToolCall {
        private final StringBuilder name = new StringBuilder();
        private final StringBuilder arguments = new StringBuilder();
    }

    private AnswerReader() {}

    /// Parses an answer whose status was a success.
    ///
    /// @param body the bytes of the answer
    /// @param isStream whether the bytes are a stream of events
    /// @param firstByte time until the first byte
    /// @param total time to the last byte
    /// @return the answer, or a failure if the bytes are malformed, incomplete, or report an error
    public static Outcome read(byte[] body, boolean isStream, Duration firstByte, Duration total) {
        AnswerReader reader = new AnswerReader();
        reader.readAll(body, isStream);
        if (reader.failure.isPresent()) {
            return new Outcome.Failed(reader.failure.get(), firstByte, total);
        }
        if (!reader.ended) {
            return new Outcome.Failed("the answer was interrupted", firstByte, total);
        }
        return new Outcome.Answered(
                reader.text.toString(),
                reader.toolCalls(),
                reader.promptTokens,
                reader.completionTokens,
                firstByte,
                total,
                reader.recursions);
    }

    /// Finds the id of an answer in its first bytes.
    ///
    /// @param beginning the first bytes; for a stream, at least those of its first event
    /// @param isStream whether the bytes are a stream of events
    /// @return the id that clients use
    public static Optional<String> id(byte[] beginning, boolean isStream) {
        String text = new String(beginning, StandardCharsets.UTF_8);
        if (!isStream) {
            return ownId(text);
        }
        AnswerReader reader = new AnswerReader();
        text.lines()
                .filter(line -> line.startsWith(DATA))
                .findFirst()
                .ifPresent(
                        line -> reader.readObject(line.substring(DATA.length()).strip()));
        return reader.id;
    }

    /// The field `id` of an object that may be truncated.
    private static Optional<String> ownId(String json) {
        try (JsonParser parser = SORTED.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean found = parser.currentName().equals("id");
                JsonToken value = parser.nextToken();
                if (found && value == JsonToken.VALUE_STRING) {
                    return Optional.of(parser.getString());
                }
                parser.skipChildren();
            }
        } catch (JacksonException e) {
            // The bytes are truncated before the id.
        }
        return Optional.empty();
    }

    private void readAll(byte[] body, boolean isStream) {
        String all = new String(body, StandardCharsets.UTF_8);
        if (!isStream) {
            ended = true;
            readObject(all);
            return;
        }
        all.lines().filter(line -> line.startsWith(DATA)).forEach(line -> {
            String data = line.substring(DATA.length()).strip();
            if (data.equals(LAST)) {
                ended = true;
            } else {
                readObject(data);
            }
        });
    }

    private void readObject(String json) {
        try {
            readObject(SORTED.readTree(json));
        } catch (JacksonException e) {
            failure = failure.or(() -> Optional.of("the answer is not JSON"));
        }
    }

    private void readObject(JsonNode object) {
        if (object.hasNonNull("error") || object.path("type").asString("").equals("error")) {
            failure = failure.or(() -> Optional.of("an error within the answer"));
        }
        if (id.isEmpty() && object.path("id").isString()) {
            id = Optional.of(object.path("id").stringValue());
        }
        readUsage(object.path("usage"));
        JsonNode choice = object.path("choices").path(0);
        text.append(choice.path("text").asString(""));
        readMessage(choice.path("message"));
        readMessage(choice.path("delta"));
        if (choice.hasNonNull("finish_reason")) {
            ended = true;
        }
        object.path("output").forEach(this::readOutput);
        JsonNode response = object.path("response");
        if (response.isObject()) {
            readResponse(object.path("type").asString(""), response);
        }
    }

    /// Reads an event of the Responses API that contains the whole answer so far.
    private void readResponse(String type, JsonNode response) {
        if (id.isEmpty() && response.path("id").isString()) {
            id = Optional.of(response.path("id").stringValue());
        }
        switch (type) {
            case "response.completed", "response.incomplete" -> {
                ended = true;
                readUsage(response.path("usage"));
                response.path("output").forEach(this::readOutput);
            }
            case "response.failed" -> failure = failure.or(() -> Optional.of("an error within the answer"));
            default -> {
                // The answer in this event is incomplete.
            }
        }
    }

    private void readMessage(JsonNode message) {
        text.append(message.path("content").asString(""));
        int position = 0;
        for (JsonNode part : message.path("tool_calls")) {
            add(part.path("index").asInt(position), part.path("function"));
            position++;
        }
    }

    private void readOutput(JsonNode item) {
        if (item.path("type").asString("").equals("function_call")) {
            add(calls.size(), item);
        }
        item.path("content").forEach(part -> text.append(part.path("text").asString("")));
    }

    private void add(int index, JsonNode function) {
        ToolCall call = calls.computeIfAbsent(index, _ -> new ToolCall());
        call.name.append(function.path("name").asString(""));
        call.arguments.append(function.path("arguments").asString(""));
    }

    private void readUsage(JsonNode usage) {
        promptTokens = Math.max(promptTokens, count(usage, "prompt_tokens", "input_tokens"));
        completionTokens = Math.max(completionTokens, count(usage, "completion_tokens", "output_tokens"));
        JsonNode depths = usage.path("recursions");
        if (depths.path("mean").isNumber()) {
            recursions = Optional.of(new Recursions(
                    depths.path("mean").doubleValue(),
                    depths.path("flops").asLong(0),
                    depths.path("flops_saved").asLong(0)));
        }
    }

    private static long count(JsonNode usage, String name, String otherName) {
        return usage.path(name).asLong(usage.path(otherName).asLong(0));
    }

    private String toolCalls() {
        StringBuilder lines = new StringBuilder();
        calls.values().forEach(call -> {
            if (!lines.isEmpty()) {
                lines.append('\n');
            }
            lines.append(call.name).append(' ').append(inOneForm(call.arguments.toString()));
        });
        return lines.toString();
    }

    /// Brings arguments into one form, since equal arguments may differ in spaces and in the order of keys.
    private static String inOneForm(String arguments) {
        try {
            @Nullable JsonNode tree = SORTED.readTree(arguments);
            return tree == null ? arguments : SORTED.writeValueAsString(tree);
        } catch (JacksonException e) {
            return arguments;
        }
    }
}
