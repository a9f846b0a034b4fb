package dev.saiki.server.api;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.settings.ChatFormat;
import dev.saiki.server.settings.Limits;
import dev.saiki.server.wire.ApiException;
import dev.saiki.server.wire.Exchange;
import dev.saiki.server.wire.RequestBody;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// `/v1/chat/completions`: says what comes next in a conversation.
final class ChatEndpoint {

    private final ServedModel model;
    private final ChatFormat format;
    private final Limits limits;
    private final ServerMetrics metrics;

    ChatEndpoint(ServedModel model, ChatFormat format, Limits limits, ServerMetrics metrics) {
        this.model = model;
        this.format = format;
        this.limits = limits;
        this.metrics = metrics;
    }

    List<Route> routes() {
        return List.of(new Route("POST", "/v1/chat/completions", true, this::answer));
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        TokenTexts texts = new TokenTexts(model.engine().tokenizer());
        new AnswerWriter(model, metrics, new ChatShape(texts), read(body)).answer(exchange);
    }

    private Ask read(RequestBody body) {
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible();
        Prompt prompt = Conversation.read(body).prompt(format, model.engine().tokenizer());
        int choices = fields.choices(1);
        int maxTokens = fields.maxTokens(prompt.ids().length, Integer.MAX_VALUE, 1);
        boolean logprobs = body.flag("logprobs", false);
        OptionalInt alternatives = body.integer("top_logprobs", 0, ScoreRequest.MOST_ALTERNATIVES);
        if (alternatives.isPresent() && !logprobs) {
            throw ApiException.invalid("top_logprobs needs logprobs to be true", "top_logprobs");
        }
        GenerationRequest settings = fields.settings(prompt, alternatives.orElse(0));
        List<String> stops = new ArrayList<>(settings.stop());
        stops.addAll(Conversation.stops(format));
        return new Ask(
                List.of(prompt),
                choices,
                maxTokens,
                settings.withStop(stops, settings.endOfText()),
                logprobs,
                false,
                fields.returnDepths(),
                fields.stream(),
                fields.usageInStream());
    }
}
