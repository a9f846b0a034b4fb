package dev.saiki.server.openai.completions;

import dev.saiki.engine.ScoreRequest;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.CallReader;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.server.protocol.PromptFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// A reader of the requests of `/v1/completions`, which continue or score text.
///
/// @param limits the limits on a request
public record CompletionReader(RequestLimits limits) implements CallReader {

    /// OpenAI's default, which clients rely on.
    private static final OptionalInt DEFAULT_TOKENS = OptionalInt.of(16);

    @Override
    public Reading read(Request request, RequestBody body) {
        GenerationCall call = call(request, body);
        return new Reading(call, new CompletionRenderer(call, request.deployment()));
    }

    private GenerationCall call(Request request, RequestBody body) {
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.CHAT);
        fields.requirePossible(List.of(), Set.of());
        List<EncodedPrompt> prompts = PromptFields.all(
                body, "prompt", limits.choices(), request.deployment().engine());
        int choices = fields.choices(prompts.size());
        int longest =
                prompts.stream().mapToInt(prompt -> prompt.ids().length).max().orElseThrow();
        int maxTokens = fields.maxTokens(longest, DEFAULT_TOKENS, 0);
        OptionalInt logprobs = body.integer("logprobs", 0, ScoreRequest.MAX_ALTERNATIVES);
        Set<AnswerPart> parts = fields.parts();
        parts.addAll(AnswerPart.LOGPROBS.when(logprobs.isPresent()));
        parts.addAll(AnswerPart.PROMPT.when(body.flag("echo", false)));
        return fields.call(prompts, choices, maxTokens, logprobs.orElse(0), parts);
    }
}
