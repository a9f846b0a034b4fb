package dev.saiki.server.anthropic.messages;

import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.AnswerReading;
import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.chat.answer.WholeAnswer;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import dev.saiki.http.EventStream;
import dev.saiki.http.Json;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.generation.AnswerRenderer;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.protocol.ResponseIds;
import dev.saiki.server.protocol.UsageJson;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/messages`: either one object, or named events with one block each for
/// thoughts, for text and for each tool call.
final class MessagesRenderer implements AnswerRenderer {

    private static final String TOOL_USE = "tool_use";

    private final RequestFacts asked;
    private final AnswerSyntax syntax;
    private final AnswerReading reading;
    private final String id = ResponseIds.next("msg_");

    /// The kind of the stream's open block, if any.
    private Block block = Block.NONE;

    /// The number of completed blocks in the stream.
    private int done;

    private boolean hasStarted;
    private String stopReason = "";
    private Optional<String> stopSequence = Optional.empty();

    /// A kind of block.
    private enum Block {
        NONE,
        THOUGHT,
        TEXT,
        CALL
    }

    /// The parts of a request that its answer repeats or depends on.
    ///
    /// @param model the model's name in requests
    /// @param promptTokens tokens of the prompt
    /// @param stops the texts that end the answer
    /// @param fillsContext whether the context ends before the answer reaches `max_tokens`
    record RequestFacts(String model, int promptTokens, List<String> stops, boolean fillsContext) {}

    /// Begins an answer.
    ///
    /// @param asked the facts of the request
    /// @param syntax the syntax of the answer
    MessagesRenderer(RequestFacts asked, AnswerSyntax syntax) {
        this.asked = asked;
        this.syntax = syntax;
        this.reading = syntax.reading();
    }

    @Override
    public String finishReason(int index, String unread, GenerationResult finish) {
        return switch (reading.end(unread, finish.reason())) {
            case TOOL_CALLS -> TOOL_USE;
            case LENGTH -> asked.fillsContext() ? "model_context_window_exceeded" : "max_tokens";
            case STOP -> stopSequence(finish).isPresent() ? "stop_sequence" : "end_turn";
        };
    }

    /// The stop text that ended the answer, if the request named it. The chat format's own stop texts are not
    /// reported.
    private Optional<String> stopSequence(GenerationResult finish) {
        return finish.reason() == FinishReason.STOP ? finish.stop().filter(asked.stops()::contains) : Optional.empty();
    }

    private void end(String unread, GenerationResult finish) {
        stopReason = finishReason(0, unread, finish);
        stopSequence = stopSequence(finish);
    }

    @Override
    public ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome) {
        FinishedAnswer answer = answers.getFirst();
        end(answer.text(), answer.finish());
        ObjectNode message = message(usage(outcome.usage()));
        putBlocks(message.withArrayProperty("content"), WholeAnswer.of(reading.end(answer.text())));
        return message;
    }

    /// Adds the blocks of an answer. An answer without text and tool calls gets an empty text block, unless it
    /// must be a tool call.
    private void putBlocks(ArrayNode content, WholeAnswer whole) {
        if (!whole.thought().isEmpty()) {
            content.add(thoughtBlock(whole.thought()));
        }
        if (!whole.words().isEmpty() || (whole.calls().isEmpty() && !syntax.mustCall())) {
            content.add(textBlock(whole.words()));
        }
        for (WrittenCall call : whole.calls()) {
            ObjectNode block = callBlock(call.name());
            block.set("input", input(call.arguments()));
            content.add(block);
        }
    }

    /// Parses the arguments of a call. For a truncated call, whose arguments are not valid JSON, returns an empty
    /// object.
    private static JsonNode input(String arguments) {
        try {
            return Json.read(arguments.getBytes(StandardCharsets.UTF_8));
        } catch (JacksonException cutOff) {
            return Json.object();
        }
    }

    /// The signature is empty; Anthropic uses it to verify thoughts of its own models.
    private static ObjectNode thoughtBlock(String thought) {
        return Json.object().put("type", "thinking").put("thinking", thought).put("signature", "");
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

    /// Cached tokens are not counted as input.
    private static ObjectNode usage(Usage known) {
        Spending spent = known.spending();
        ObjectNode usage =
                usage(spent.promptTokens() - spent.cachedTokens(), spent.cachedTokens(), spent.completionTokens());
        usage.set("recursions", UsageJson.recursions(known));
        return usage;
    }

    @Override
    public void begin(EventStream stream) {
        // Sends nothing yet: the first event contains the number of cached tokens, which is known only after the
        // prefill.
    }

    @Override
    public void started(EventStream stream, int cachedTokens) {
        ObjectNode event = Json.object();
        event.set("message", message(usage(asked.promptTokens() - cachedTokens, cachedTokens, 0)));
        send(stream, "message_start", event);
        hasStarted = true;
    }

    /// Before the first event, sends a comment, because clients do not accept a ping yet.
    @Override
    public void silent(EventStream stream) {
        if (hasStarted) {
            send(stream, "ping", Json.object());
            stream.flush();
        } else {
            stream.ping();
        }
    }

    @Override
    public void token(EventStream stream, int index, Token token) {
        reading.take(token.text()).forEach(piece -> take(stream, piece));
    }

    @Override
    public void ended(EventStream stream, int index, GenerationResult finish) {
        reading.end(finish.text()).forEach(piece -> take(stream, piece));
        end(finish.text(), finish);
        if ((block == Block.NONE || block == Block.THOUGHT) && !syntax.mustCall()) {
            open(stream, Block.TEXT, textBlock(""));
        }
        close(stream);
    }

    private void take(EventStream stream, AnswerPiece piece) {
        switch (piece) {
            case AnswerPiece.Thought(String text) -> {
                openUnless(Block.THOUGHT, stream, () -> thoughtBlock(""));
                sendDelta(stream, Json.object().put("type", "thinking_delta").put("thinking", text));
            }
            case AnswerPiece.Words(String text) -> {
                openUnless(Block.TEXT, stream, () -> textBlock(""));
                sendDelta(stream, Json.object().put("type", "text_delta").put("text", text));
            }
            case AnswerPiece.CallBegun(String name) -> open(stream, Block.CALL, callBlock(name));
            case AnswerPiece.Arguments(String json) ->
                sendDelta(stream, Json.object().put("type", "input_json_delta").put("partial_json", json));
        }
    }

    private void openUnless(Block kind, EventStream stream, Supplier<ObjectNode> empty) {
        if (block != kind) {
            open(stream, kind, empty.get());
        }
    }

    private void open(EventStream stream, Block kind, ObjectNode empty) {
        close(stream);
        block = kind;
        ObjectNode event = Json.object().put("index", done);
        event.set("content_block", empty);
        send(stream, "content_block_start", event);
    }

    private void close(EventStream stream) {
        if (block != Block.NONE) {
            send(stream, "content_block_stop", Json.object().put("index", done));
            block = Block.NONE;
            done++;
        }
    }

    private void sendDelta(EventStream stream, ObjectNode delta) {
        ObjectNode event = Json.object().put("index", done);
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
