package dev.saiki.server.openai.chat;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerShape;
import dev.saiki.server.generation.AnswerWriter;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.GenerationFields;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.prompt.ChatPrompts;
import dev.saiki.server.prompt.Conversation;
import dev.saiki.server.prompt.Function;
import dev.saiki.server.prompt.FunctionCall;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// `/v1/chat/completions`: says what comes next in a conversation.
public final class ChatEndpoint {

    /// Fields that conversations heed, and texts do not.
    public static final Set<String> TOOLS = Set.of("tools");

    /// A field of text completions that conversations do not heed.
    private static final List<String> NOT_DONE = List.of("echo");

    private final ServedModel model;
    private final ChatPrompts chats;
    private final Limits limits;
    private final ServerMetrics metrics;

    public ChatEndpoint(ServedModel model, ChatPrompts chats, Limits limits, ServerMetrics metrics) {
        this.model = model;
        this.chats = chats;
        this.limits = limits;
        this.metrics = metrics;
    }

    public List<Route> routes() {
        return List.of(new Route("POST", "/v1/chat/completions", Work.ENGINE, this::answer));
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        Optional<FunctionCall> call = FunctionCall.read(body, Function.readAll(body, true), true);
        ChatShape chat = new ChatShape(new TokenTexts(model.engine().tokenizer()));
        AnswerShape shape =
                call.<AnswerShape>map(made -> new ChatCallShape(chat, made)).orElse(chat);
        new AnswerWriter(model, metrics, shape, read(body, call)).answer(exchange);
    }

    private Ask read(RequestBody body, Optional<FunctionCall> call) {
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible(NOT_DONE, TOOLS);
        Prompt prompt = chats.prompt(Conversation.read(body), call);
        int choices = fields.choices(1);
        int maxTokens = fields.maxTokens(prompt.ids().length, Integer.MAX_VALUE, 1);
        boolean logprobs = body.flag("logprobs", false);
        OptionalInt alternatives = body.integer("top_logprobs", 0, ScoreRequest.MOST_ALTERNATIVES);
        if (alternatives.isPresent() && !logprobs) {
            throw ApiException.invalid("top_logprobs needs logprobs to be true", "top_logprobs");
        }
        GenerationRequest settings = fields.settings(prompt, maxTokens, alternatives.orElse(0));
        Set<AnswerPart> parts = fields.parts();
        parts.addAll(AnswerPart.LOGPROBS.when(logprobs));
        return fields.requireHoldable(
                new Ask(List.of(prompt), choices, maxTokens, bound(settings, chats, call), parts));
    }

    /// Ends an answer where its turn ends, and binds it to the form of a call, which ends by itself.
    public static GenerationRequest bound(GenerationRequest settings, ChatPrompts chats, Optional<FunctionCall> call) {
        if (call.isPresent() && settings.constraint().isPresent()) {
            throw ApiException.invalid(
                    "an answer has one form: where a function may be called it cannot have another one", "tool_choice");
        }
        boolean mayBeText = call.isEmpty() || !call.get().required();
        GenerationRequest ended = mayBeText
                ? settings.toBuilder().ending(chats.ended(settings.ending())).build()
                : settings;
        return call.map(made -> ended.toBuilder().constraint(made.form()).build())
                .orElse(ended);
    }
}
