package dev.saiki.server.openai.chat;

import dev.saiki.chat.ChatPrompt;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Request;
import dev.saiki.server.generation.AnswerPart;
import dev.saiki.server.generation.CallReader;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.protocol.ConversationFields;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// A reader of the requests of `/v1/chat/completions`.
///
/// @param limits the limits on a request
public record ChatReader(RequestLimits limits) implements CallReader {

    /// A field of text completions that chat does not support.
    private static final List<String> UNSUPPORTED = List.of("echo");

    @Override
    public Reading read(Request request, RequestBody body) {
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.CHAT);
        fields.requirePossible(UNSUPPORTED, GenerationFields.OF_CONVERSATIONS);
        ChatPrompt chat = fields.chat(ConversationFields.read(body));
        GenerationCall call = call(fields, body, chat.prompt());
        return new Reading(call, new ChatRenderer(call, request.deployment(), chat.syntax()));
    }

    private static GenerationCall call(GenerationFields fields, RequestBody body, EncodedPrompt prompt) {
        int choices = fields.choices(1);
        int maxTokens = fields.maxTokens(prompt.ids().length, OptionalInt.empty(), 1);
        boolean logprobs = body.flag("logprobs", false);
        OptionalInt alternatives = body.integer("top_logprobs", 0, ScoreRequest.MAX_ALTERNATIVES);
        if (alternatives.isPresent() && !logprobs) {
            throw ApiException.invalid("top_logprobs needs logprobs to be true", "top_logprobs");
        }
        Set<AnswerPart> parts = fields.parts();
        parts.addAll(AnswerPart.LOGPROBS.when(logprobs));
        return fields.call(List.of(prompt), choices, maxTokens, alternatives.orElse(0), parts);
    }
}
