package dev.saiki.server.openai.responses;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerShape;
import dev.saiki.server.generation.AnswerWriter;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.GenerationFields;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.openai.chat.ChatCallShape;
import dev.saiki.server.openai.chat.ChatEndpoint;
import dev.saiki.server.openai.chat.ChatShape;
import dev.saiki.server.prompt.ChatPrompts;
import dev.saiki.server.prompt.Function;
import dev.saiki.server.prompt.FunctionCall;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `/v1/responses`: OpenAI's newer form of a conversation. Nothing is stored: the client sends all that was
/// said.
public final class ResponsesEndpoint {

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
             "text":{"format":{"type":"text"}},"tool_choice":"none","tools":[],"top_p":1,"truncation":"disabled",
             "user":null}""";

    private final ServedModel model;
    private final ChatPrompts chats;
    private final Limits limits;
    private final ServerMetrics metrics;

    public ResponsesEndpoint(ServedModel model, ChatPrompts chats, Limits limits, ServerMetrics metrics) {
        this.model = model;
        this.chats = chats;
        this.limits = limits;
        this.metrics = metrics;
    }

    public List<Route> routes() {
        return List.of(
                new Route("POST", "/v1/responses", Work.ENGINE, this::answer),
                new Route("POST", "/v1/responses/input_tokens", Work.ASIDE, this::count));
    }

    /// Counts what a conversation has as a prompt, its functions included, and asks the engine for nothing.
    private void count(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        new GenerationFields(body, model, limits).requirePossible(NOT_DONE, ChatEndpoint.TOOLS);
        Optional<FunctionCall> call = FunctionCall.read(body, Function.readAll(body, false), false);
        int tokens = chats.prompt(ResponseInput.read(body), call).ids().length;
        AuditEntry.current().spent(Spending.ofText(tokens));
        ObjectNode answer = Json.object().put("object", "response.input_tokens").put("input_tokens", tokens);
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible(NOT_DONE, ChatEndpoint.TOOLS);
        if (body.text("truncation").filter(how -> !how.equals("disabled")).isPresent()) {
            throw ApiException.unsupported("truncation must be disabled", "truncation");
        }
        requirePlain(body, fields);
        Optional<FunctionCall> call = FunctionCall.read(body, Function.readAll(body, false), false);
        Prompt prompt = chats.prompt(ResponseInput.read(body), call);
        int maxTokens = fields.maxTokens(prompt.ids().length, Integer.MAX_VALUE, 1);
        GenerationRequest settings = fields.settings(prompt, maxTokens, 0);
        ChatShape chat = new ChatShape(new TokenTexts(model.engine().tokenizer()));
        Set<AnswerPart> parts = AnswerPart.PIECES.when(fields.stream());
        parts.add(AnswerPart.USAGE_PIECE);
        Ask ask = fields.requireHoldable(
                new Ask(List.of(prompt), 1, maxTokens, ChatEndpoint.bound(settings, chats, call), parts));
        AnswerShape shape =
                call.<AnswerShape>map(made -> new ChatCallShape(chat, made)).orElse(chat);
        new AnswerWriter(model, metrics, shape, new ResponseDelivery(echoed(body)), ask).answer(exchange);
    }

    /// Refuses what a plain answer of a model that does not reason has not.
    private static void requirePlain(RequestBody body, GenerationFields fields) {
        if (fields.choices(1) > 1) {
            throw ApiException.unsupported("n must be 1: a response has one answer", "n");
        }
        if (body.object("reasoning")
                .text("effort")
                .filter(effort -> !effort.equals("none"))
                .isPresent()) {
            throw ApiException.unsupported("reasoning.effort is not supported by this server", "reasoning");
        }
        if (body.object("text")
                .text("verbosity")
                .filter(words -> !words.equals("medium"))
                .isPresent()) {
            throw ApiException.unsupported("text.verbosity is not supported by this server", "text");
        }
    }

    private static ObjectNode echoed(RequestBody body) {
        ObjectNode echoed = (ObjectNode) Json.read(ECHOED.getBytes(StandardCharsets.UTF_8));
        for (String name : List.copyOf(echoed.propertyNames())) {
            Optional<JsonNode> given = body.value(name);
            given.ifPresent(value -> echoed.set(name, value));
        }
        if (body.has("tools") && !body.has("tool_choice")) {
            echoed.put("tool_choice", "auto");
        }
        return echoed.put("store", false);
    }
}
