package dev.saiki.server.openai.responses;

import dev.saiki.chat.ChatPrompt;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.CallReader;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.EncodedPrompt;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A reader of the requests of `/v1/responses`. Nothing is stored: the client sends the whole conversation.
///
/// @param limits the limits on a request
public record ResponsesReader(RequestLimits limits) implements CallReader {

    /// Fields that need stored answers or stored prompts, or belong to other protocols.
    private static final List<String> UNSUPPORTED =
            List.of("previous_response_id", "conversation", "background", "prompt", "echo", "return_token_ids");

    private static final String LOGPROBS = "message.output_text.logprobs";
    private static final int MAX_INCLUDED = 16;

    /// The request fields that an answer repeats, with their default values.
    private static final String ECHOED = """
            {"instructions":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":false,
             "previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":1,
             "text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"none","tools":[],"top_p":1,"truncation":"disabled",
             "user":null}""";

    /// Counts the tokens of a conversation as a prompt, including its tools, without running the engine.
    ///
    /// @param asked a request for `/v1/responses/input_tokens`
    public void count(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.RESPONSES);
        fields.requirePossible(UNSUPPORTED, GenerationFields.OF_CONVERSATIONS);
        int tokens = chat(request, body, fields).prompt().ids().length;
        request.entry().spent(Spending.ofText(tokens));
        ObjectNode answer = Json.object().put("object", "response.input_tokens").put("input_tokens", tokens);
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    /// Builds the prompt. With `truncation: auto`, the oldest turns are dropped until the prompt and the answer
    /// fit; the system's turns are kept, and the rest begins with a turn of the user.
    private static ChatPrompt chat(Request request, RequestBody body, GenerationFields fields) {
        String truncation = body.text("truncation").orElse("disabled");
        if (!truncation.equals("auto") && !truncation.equals("disabled")) {
            throw ApiException.invalid(
                    "truncation must be auto or disabled, got " + RequestBody.shortened(truncation), "truncation");
        }
        List<ChatTurn> turns = ResponseInput.read(body);
        ChatPrompt whole = fields.chat(turns);
        int most = request.deployment().engine().config().maxPositionEmbeddings()
                - Math.max(1, body.integer("max_output_tokens", 1).orElse(1));
        return truncation.equals("disabled") || whole.prompt().ids().length <= most
                ? whole
                : longestThatFits(fields, turns, most).orElse(whole);
    }

    /// Searches by bisection, because each candidate must be rendered and encoded.
    ///
    /// @return the prompt of the most recent turns that fit, or else of the last turn of the user; empty if nothing
    ///     can be dropped
    private static Optional<ChatPrompt> longestThatFits(GenerationFields fields, List<ChatTurn> turns, int most) {
        int[] starts = IntStream.range(1, turns.size())
                .filter(turn -> turns.get(turn).role() == ChatRole.USER)
                .toArray();
        int low = 0;
        int high = starts.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            boolean fits = fields.chat(from(turns, starts[middle])).prompt().ids().length <= most;
            low = fits ? low : middle + 1;
            high = fits ? middle : high;
        }
        // Builds the prompt again, because `fields` keeps the answer syntax of the prompt that it built last.
        return starts.length == 0 ? Optional.empty() : Optional.of(fields.chat(from(turns, starts[low])));
    }

    private static List<ChatTurn> from(List<ChatTurn> turns, int first) {
        return IntStream.range(0, turns.size())
                .filter(turn -> turn >= first || turns.get(turn).role() == ChatRole.SYSTEM)
                .mapToObj(turns::get)
                .toList();
    }

    @Override
    public Reading read(Request request, RequestBody body) {
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.RESPONSES);
        fields.requirePossible(UNSUPPORTED, GenerationFields.OF_CONVERSATIONS);
        if (fields.choices(1) > 1) {
            throw ApiException.unsupported("n must be 1: a response has one answer", "n");
        }
        ChatPrompt chat = chat(request, body, fields);
        EncodedPrompt prompt = chat.prompt();
        int maxTokens = fields.maxTokens(prompt.ids().length, OptionalInt.empty(), 1);
        OptionalInt alternatives = body.integer("top_logprobs", 0, ScoreRequest.MAX_ALTERNATIVES);
        boolean logprobs =
                alternatives.isPresent() || body.texts("include", MAX_INCLUDED).contains(LOGPROBS);
        Set<AnswerPart> parts = AnswerPart.STREAM.when(fields.stream());
        parts.addAll(AnswerPart.LOGPROBS.when(logprobs));
        parts.addAll(AnswerPart.DEPTHS.when(body.flag("return_depths", false)));
        GenerationCall call = fields.call(List.of(prompt), 1, maxTokens, alternatives.orElse(0), parts);
        return new Reading(call, new ResponsesRenderer(call, request.deployment(), chat.syntax(), echoed(body)));
    }

    /// The given value, with defaults for its missing fields.
    private static JsonNode filled(JsonNode usual, JsonNode given) {
        return usual instanceof ObjectNode fields && given instanceof ObjectNode said
                ? fields.deepCopy().setAll(said)
                : given;
    }

    private static ObjectNode echoed(RequestBody body) {
        ObjectNode echoed = (ObjectNode) Json.read(ECHOED.getBytes(StandardCharsets.UTF_8));
        for (String name : List.copyOf(echoed.propertyNames())) {
            body.value(name).ifPresent(value -> echoed.set(name, filled(echoed.get(name), value)));
        }
        if (body.has("tools") && !body.has("tool_choice")) {
            echoed.put("tool_choice", "auto");
        }
        return echoed.put("store", false);
    }
}
