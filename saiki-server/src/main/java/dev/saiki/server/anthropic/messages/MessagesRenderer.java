package dev.saiki.server.anthropic.messages;

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
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/messages`: one object, or events with names, with one block of text or of a call.
final class MessagesRenderer implements AnswerRenderer {

    private static final String TOOL_USE = "tool_use";

    private final RequestFacts asked;
    private final Optional<FunctionCall> function;
    private final Optional<FunctionCallParser> parser;
    private final String id = ResponseIds.next("msg_");

    /// What the block of a stream is, while there is one.
    private Block block = Block.NONE;

    private String stopReason = "";
    private Optional<String> stopSequence = Optional.empty();

    /// A kind of block, as far as it is known.
    private enum Block {
        NONE,
        TEXT,
        CALL
    }

    /// The parts of a request that its answer repeats or rests on.
    ///
    /// @param model what requests call it
    /// @param promptTokens tokens of the prompt
    /// @param stops texts that end the answer
    /// @param fillsContext whether the end of the context is nearer than the most tokens that were asked for
    record RequestFacts(String model, int promptTokens, List<String> stops, boolean fillsContext) {}

    /// Begins an answer.
    ///
    /// @param asked what the request said
    /// @param function that the answer must or may call
    MessagesRenderer(RequestFacts asked, Optional<FunctionCall> function) {
        this.asked = asked;
        this.function = function;
        this.parser = function.map(FunctionCall::parser);
    }

    @Override
    public String operation() {
        return "chat";
    }

    @Override
    public String finishReason(GenerationResult finish) {
        return switch (FunctionCall.finishReason(function, finish)) {
            case "tool_calls" -> TOOL_USE;
            case "length" -> asked.fillsContext() ? "model_context_window_exceeded" : "max_tokens";
            default -> stopSequence(finish).isPresent() ? "stop_sequence" : "end_turn";
        };
    }

    /// The text that ended the answer, if it is the request's own: the form of conversations has some too.
    private Optional<String> stopSequence(GenerationResult finish) {
        return finish.reason() == FinishReason.STOP ? finish.stop().filter(asked.stops()::contains) : Optional.empty();
    }

    private void end(GenerationResult finish) {
        stopReason = finishReason(finish);
        stopSequence = stopSequence(finish);
    }

    @Override
    public ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome) {
        FinishedAnswer answer = answers.getFirst();
        end(answer.finish());
        ObjectNode message = message(usage(outcome.usage()));
        content(answer.text()).ifPresent(message.withArrayProperty("content")::add);
        return message;
    }

    /// The block of a whole answer; nothing if it ended before it was a call.
    private Optional<ObjectNode> content(String text) {
        if (parser.isEmpty()) {
            return Optional.of(textBlock(text));
        }
        FunctionCallParser parts = parser.get();
        String arguments = parts.take(text).arguments();
        FunctionCallParser.Delta _ = parts.end();
        if (!parts.name().isEmpty()) {
            ObjectNode call = callBlock(parts.name());
            call.set("input", input(arguments));
            return Optional.of(call);
        }
        return parts.isText() ? Optional.of(textBlock(text)) : Optional.empty();
    }

    /// The arguments of a call that was cut off are no JSON.
    private static JsonNode input(String arguments) {
        try {
            return Json.read(arguments.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException cutOff) {
            return Json.object();
        }
    }

    private static ObjectNode textBlock(String text) {
        return Json.object().put("type", "text").put("text", text);
    }

    private static ObjectNode callBlock(String name) {
        ObjectNode call = Json.object()
                .put("type", TOOL_USE)
                .put("id", ResponseIds.next("toolu_"))
                .put("name", name);
        call.putObject("input");
        return call;
    }

    private ObjectNode message(ObjectNode usage) {
        ObjectNode message = Json.object();
        message.put("id", id);
        message.put("type", "message");
        message.put("role", "assistant");
        message.put("model", asked.model());
        message.putArray("content");
        putStop(message);
        message.set("usage", usage);
        return message;
    }

    private void putStop(ObjectNode place) {
        place.put("stop_reason", stopReason.isEmpty() ? null : stopReason);
        place.put("stop_sequence", stopSequence.orElse(null));
    }

    private static ObjectNode usage(long input, long cached, long output) {
        ObjectNode usage = Json.object();
        usage.put("input_tokens", input);
        usage.put("cache_creation_input_tokens", 0);
        usage.put("cache_read_input_tokens", cached);
        usage.put("output_tokens", output);
        return usage;
    }

    /// What was cached is not counted among the input.
    private static ObjectNode usage(Usage known) {
        ObjectNode usage =
                usage(known.promptTokens() - known.cachedTokens(), known.cachedTokens(), known.completionTokens());
        usage.set("recursions", UsageJson.recursions(known));
        return usage;
    }

    @Override
    public void begin(EventStream stream) {
        ObjectNode event = Json.object();
        event.set("message", message(usage(asked.promptTokens(), 0, 0)));
        send(stream, "message_start", event);
    }

    @Override
    public void silent(EventStream stream) {
        send(stream, "ping", Json.object());
        stream.flush();
    }

    @Override
    public void token(EventStream stream, int index, Token token) {
        take(stream, token.text());
    }

    @Override
    public void ended(EventStream stream, int index, GenerationResult finish) {
        take(stream, finish.text());
        parser.ifPresent(parts -> sendText(stream, parts.end().text()));
        end(finish);
        if (block == Block.NONE && (function.isEmpty() || !function.get().required())) {
            open(stream, Block.TEXT, textBlock(""));
        }
        if (block != Block.NONE) {
            send(stream, "content_block_stop", Json.object().put("index", 0));
        }
    }

    private void take(EventStream stream, String more) {
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

    private void sendText(EventStream stream, String more) {
        if (more.isEmpty()) {
            return;
        }
        if (block == Block.NONE) {
            open(stream, Block.TEXT, textBlock(""));
        }
        sendDelta(stream, Json.object().put("type", "text_delta").put("text", more));
    }

    private void sendArguments(EventStream stream, String name, String arguments) {
        if (block == Block.NONE) {
            open(stream, Block.CALL, callBlock(name));
        }
        if (!arguments.isEmpty()) {
            sendDelta(stream, Json.object().put("type", "input_json_delta").put("partial_json", arguments));
        }
    }

    private void open(EventStream stream, Block kind, ObjectNode empty) {
        block = kind;
        ObjectNode event = Json.object().put("index", 0);
        event.set("content_block", empty);
        send(stream, "content_block_start", event);
    }

    private static void sendDelta(EventStream stream, ObjectNode delta) {
        ObjectNode event = Json.object().put("index", 0);
        event.set("delta", delta);
        send(stream, "content_block_delta", event);
    }

    @Override
    public void completed(EventStream stream, Outcome outcome) {
        ObjectNode event = Json.object();
        putStop(event.putObject("delta"));
        event.set("usage", usage(outcome.usage()));
        send(stream, "message_delta", event);
        send(stream, "message_stop", Json.object());
    }

    @Override
    public void failed(EventStream stream, ApiException failure) {
        stream.send("error", MessageErrors.of(failure));
    }

    private static void send(EventStream stream, String type, ObjectNode fields) {
        ObjectNode event = Json.object().put("type", type);
        event.setAll(fields);
        stream.send(type, event);
    }
}
