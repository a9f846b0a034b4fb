package dev.saiki.server.openai.completions;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.AnswerWriter;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.metrics.ServerMetrics;
import dev.saiki.server.openai.GenerationFields;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// `/v1/completions`: continues texts, and scores them.
public final class CompletionEndpoint {

    /// OpenAI's own default, of which clients know.
    private static final int USUAL_TOKENS = 16;

    private final ServedModel model;
    private final Limits limits;
    private final ServerMetrics metrics;

    public CompletionEndpoint(ServedModel model, Limits limits, ServerMetrics metrics) {
        this.model = model;
        this.limits = limits;
        this.metrics = metrics;
    }

    public List<Route> routes() {
        return List.of(new Route("POST", "/v1/completions", Work.ENGINE, this::answer));
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        TokenTexts texts = new TokenTexts(model.engine().tokenizer());
        new AnswerWriter(model, metrics, new CompletionShape(texts), read(body)).answer(exchange);
    }

    private Ask read(RequestBody body) {
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible(List.of(), Set.of());
        List<Prompt> prompts = Prompt.all(body, "prompt", limits.choices(), model.engine());
        int choices = fields.choices(prompts.size());
        int longest =
                prompts.stream().mapToInt(prompt -> prompt.ids().length).max().orElseThrow();
        int maxTokens = fields.maxTokens(longest, USUAL_TOKENS, 0);
        OptionalInt logprobs = body.integer("logprobs", 0, ScoreRequest.MOST_ALTERNATIVES);
        GenerationRequest settings = fields.settings(prompts.getFirst(), maxTokens, logprobs.orElse(0));
        Set<AnswerPart> parts = fields.parts();
        parts.addAll(AnswerPart.LOGPROBS.when(logprobs.isPresent()));
        parts.addAll(AnswerPart.PROMPT.when(body.flag("echo", false)));
        return fields.requireHoldable(new Ask(prompts, choices, maxTokens, settings, parts));
    }
}
