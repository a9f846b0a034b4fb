package dev.saiki.rollout.pair;

import java.nio.charset.StandardCharsets;
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
    private static final String INCOMPLETE = "incomplete";

    private static final Failure REPORTED = new Failure(Fault.FAILED, "an error within the answer");

    private final StringBuilder text = new StringBuilder();
    private final Map<Integer, ToolCall> calls = new TreeMap<>();
    private Optional<String> id = Optional.empty();
    private Optional<Failure> failure = Optional.empty();
    private Optional<Recursions> recursions = Optional.empty();
    private long promptTokens;
    private long completionTokens;
    private boolean ended;
    private boolean cutOff;
    private boolean hasChoices;
    private boolean hasUsage;
    private boolean hasThoughts;
    private boolean isRefusal;

    /// The part of a tool call that has been received.
    private static final class ToolCall {
        private final StringBuilder name = new StringBuilder();
        private final StringBuilder arguments = new StringBuilder();
    }

    private AnswerReader() {}

    /// Parses an answer that ended regularly and whose status was a success.
    ///
    /// @param received what arrived
    /// @param request what was asked for
    /// @return the answer, or a failure if it is malformed, torn or empty, or reports an error
    static Outcome read(Received received, RequestedForm request) {
        AnswerReader reader = new AnswerReader();
        reader.readAll(received.bytes(), received.isStream());
        return reader.failure(received.isStream(), request)
                .<Outcome>map(failure ->
                        new Outcome.Failed(failure.fault(), failure.reason(), received.firstByte(), received.total()))
                .orElseGet(() -> new Outcome.Answered(
                        reader.cutOff,
                        reader.hasThoughts,
                        reader.text.toString(),
                        reader.toolCalls(),
                        reader.promptTokens,
                        reader.completionTokens,
                        received.firstByte(),
                        received.total(),
                        reader.recursions));
    }

    /// What is wrong with an answer.
    private record Failure(Fault fault, String reason) {}

    private Optional<Failure> failure(boolean isStream, RequestedForm request) {
        if (failure.isPresent()) {
            return failure;
        }
        if (isStream != request.stream().orElse(isStream)) {
            return Optional.of(new Failure(
                    Fault.MALFORMED, isStream ? "a stream that was not requested" : "not the requested stream"));
        }
        if (!ended) {
            return Optional.of(new Failure(Fault.TORN, "the answer has no end"));
        }
        if (!hasChoices) {
            return Optional.of(new Failure(Fault.MALFORMED, "the answer has no choices"));
        }
        if (isStream && request.usage() && !hasUsage) {
            return Optional.of(new Failure(Fault.TORN, "the requested usage is missing"));
        }
        boolean isThinking = cutOff && hasThoughts;
        if (text.toString().isBlank() && calls.isEmpty() && !isThinking) {
            return Optional.of(new Failure(Fault.EMPTY, "the answer is empty"));
        }
        return cutOff ? Optional.empty() : mistake(request).map(words -> new Failure(Fault.MALFORMED, words));
    }

    /// What does not fit the request, in an answer that was not cut off.
    private Optional<String> mistake(RequestedForm request) {
        if (calls.isEmpty() && !isRefusal) {
            return request.mustCall() ? Optional.of("a requested call is missing") : request.mistake(text.toString());
        }
        return calls.values().stream()
                .map(call -> request.mistake(call.name.toString(), call.arguments.toString()))
                .flatMap(Optional::stream)
                .findFirst();
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
            failure = failure.or(() -> Optional.of(new Failure(Fault.MALFORMED, "the answer is not JSON")));
        }
    }

    private void readObject(JsonNode object) {
        if (object.hasNonNull("error") || object.path("type").asString("").equals("error")) {
            failure = failure.or(() -> Optional.of(REPORTED));
        }
        if (id.isEmpty() && object.path("id").isString()) {
            id = Optional.of(object.path("id").stringValue());
        }
        readUsage(object.path("usage"));
        JsonNode choice = object.path("choices").path(0);
        text.append(choice.path("text").asString(""));
        readMessage(choice.path("message"));
        readMessage(choice.path("delta"));
        hasChoices |= choice.isObject() || object.path("output").isArray();
        if (choice.hasNonNull("finish_reason")) {
            ended = true;
            cutOff |= choice.path("finish_reason").asString("").equals("length");
        }
        cutOff |= object.path("status").asString("").equals(INCOMPLETE);
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
                hasChoices = true;
                cutOff |= response.path("status").asString("").equals(INCOMPLETE);
                readUsage(response.path("usage"));
                response.path("output").forEach(this::readOutput);
            }
            case "response.failed" -> failure = failure.or(() -> Optional.of(REPORTED));
            default -> {
                // The answer in this event is incomplete.
            }
        }
    }

    private void readMessage(JsonNode message) {
        isRefusal |= message.hasNonNull("refusal");
        text.append(message.path("content").asString(message.path("refusal").asString("")));
        hasThoughts |= !message.path("reasoning_content")
                .asString(message.path("reasoning").asString(""))
                .isBlank();
        int position = 0;
        for (JsonNode part : message.path("tool_calls")) {
            add(part.path("index").asInt(position), part.path("function"));
            position++;
        }
    }

    private void readOutput(JsonNode item) {
        String type = item.path("type").asString("");
        if (type.equals("function_call")) {
            add(calls.size(), item);
        }
        if (type.equals("reasoning")) {
            hasThoughts = true;
            return;
        }
        item.path("content").forEach(part -> {
            isRefusal |= part.hasNonNull("refusal");
            text.append(part.path("text").asString(part.path("refusal").asString("")));
        });
    }

    private void add(int index, JsonNode function) {
        ToolCall call = calls.computeIfAbsent(index, _ -> new ToolCall());
        call.name.append(function.path("name").asString(""));
        call.arguments.append(function.path("arguments").asString(""));
    }

    private void readUsage(JsonNode usage) {
        hasUsage |= usage.isObject();
        promptTokens = Math.max(promptTokens, count(usage, "prompt_tokens", "input_tokens"));
        JsonNode details = usage.path("completion_tokens_details");
        hasThoughts |=
                count(details.isObject() ? details : usage.path("output_tokens_details"), "reasoning_tokens", "") > 0;
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
