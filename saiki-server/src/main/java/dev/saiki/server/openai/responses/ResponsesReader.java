package dev.saiki.server.openai.responses;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.server.access.Request;
import dev.saiki.server.protocol.ToolFields;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.CallReader;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.chat.ChatPrompt;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.server.settings.RequestLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A reader of the requests of `/v1/responses`, OpenAI's newer form of a conversation. Nothing is stored: the client
/// sends all that was said.
///
/// @param limits on a request
public record ResponsesReader(RequestLimits limits) implements CallReader {

    /// Fields that rest on answers being stored, on other models than language models, or that nothing here
    /// heeds.
    private static final List<String> NOT_DONE = List.of(
            "previous_response_id",
            "conversation",
            "background",
            "prompt",
            "echo",
            "top_logprobs",
            "return_depths",
            "return_token_ids");

    /// Fields that an answer repeats, and what it says where the request did not.
    private static final String ECHOED = """
            {"instructions":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":false,
             "previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":1,
             "text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"none","tools":[],"top_p":1,"truncation":"disabled",
             "user":null}""";

    /// Counts what a conversation has as a prompt, its functions included, and asks the engine for nothing.
    ///
    /// @param asked a request for `/v1/responses/input_tokens`
    public void count(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        GenerationFields fields = new GenerationFields(body, request, limits);
        fields.requirePossible(NOT_DONE, GenerationFields.OF_CONVERSATIONS);
        int tokens = fields.chat(ResponseInput.read(body), ToolFields.RESPONSES).prompt().ids().length;
        request.entry().spent(Spending.ofText(tokens));
        ObjectNode answer = Json.object().put("object", "response.input_tokens").put("input_tokens", tokens);
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    @Override
    public Reading read(Request request, RequestBody body) {
        GenerationFields fields = new GenerationFields(body, request, limits);
        fields.requirePossible(NOT_DONE, GenerationFields.OF_CONVERSATIONS);
        if (body.text("truncation").filter(how -> !how.equals("disabled")).isPresent()) {
            throw ApiException.unsupported("truncation must be disabled", "truncation");
        }
        if (fields.choices(1) > 1) {
            throw ApiException.unsupported("n must be 1: a response has one answer", "n");
        }
        ChatPrompt chat = fields.chat(ResponseInput.read(body), ToolFields.RESPONSES);
        EncodedPrompt prompt = chat.prompt();
        int maxTokens = fields.maxTokens(prompt.ids().length, OptionalInt.empty(), 1);
        GenerationRequest settings = fields.settings(prompt, maxTokens, 0);
        Set<AnswerPart> parts = AnswerPart.STREAM.when(fields.stream());
        GenerationCall call = fields.requireHoldable(
                new GenerationCall(List.of(prompt), 1, maxTokens, fields.bound(settings, chat.syntax()), parts));
        return new Reading(call, new ResponsesRenderer(request.deployment().name(), chat.syntax(), echoed(body)));
    }

    /// What was given, with what is usual where it says nothing.
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
