package dev.saiki.server.anthropic.messages;

import dev.saiki.chat.ChatPrompt;
import dev.saiki.chat.PromptOptions;
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
import dev.saiki.text.chat.EncodedPrompt;
import java.util.List;
import java.util.Set;

/// A reader of the requests of `/v1/messages`, Anthropic's form of a conversation.
///
/// `max_tokens` is required, so clients often send more than the context has room for; the answer may then fill
/// the context, as with Anthropic's newer models. `metadata` and cache markers have no effect.
///
/// @param limits the limits on a request
public record MessagesReader(RequestLimits limits) implements CallReader {

    private static final String MAX_TOKENS = "max_tokens";

    /// Fields that are refused because they need Anthropic's services, or belong to other protocols.
    private static final List<String> UNSUPPORTED = List.of(
            "container",
            "mcp_servers",
            MessageErrors.THREAD,
            "n",
            "stop",
            "echo",
            "logprobs",
            "top_logprobs",
            "return_depths",
            "return_token_ids");

    /// Fields that this protocol supports, although not every protocol does.
    private static final Set<String> SUPPORTED = Set.of("tools", "stop_sequences", PromptOptions.SETTINGS);

    @Override
    public Reading read(Request request, RequestBody body) {
        // Anthropic's clients read the request's id from this header.
        request.exchange().setHeader("request-id", request.id());
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.MESSAGES);
        fields.requirePossible(UNSUPPORTED, SUPPORTED);
        ChatPrompt chat = chat(body, fields);
        EncodedPrompt prompt = chat.prompt();
        int asked = body.integer(MAX_TOKENS, 1)
                .orElseThrow(() -> ApiException.invalid(
                        "max_tokens is required: the maximum length of the answer in" + " tokens", MAX_TOKENS));
        int room = fields.room(prompt.ids().length, 1);
        int maxTokens = Math.min(asked, room);
        GenerationCall call = fields.call(List.of(prompt), 1, maxTokens, 0, AnswerPart.STREAM.when(fields.stream()));
        MessagesRenderer.RequestFacts known = new MessagesRenderer.RequestFacts(
                request.deployment().name(), prompt.ids().length, fields.stopTexts(), asked > room);
        return new Reading(call, new MessagesRenderer(known, chat.syntax()));
    }

    private static ChatPrompt chat(RequestBody body, GenerationFields fields) {
        return fields.chat(MessageInput.read(body), options(body, fields));
    }

    /// If `thinking` is disabled, sets the template variable that turns thoughts off in Qwen's and other models.
    /// Templates that do not know this variable ignore it, and without a template there are no thoughts to turn
    /// off.
    private static PromptOptions options(RequestBody body, GenerationFields fields) {
        PromptOptions options = fields.promptOptions();
        boolean isOff = body.object("thinking").text("type").orElse("").equals("disabled");
        return isOff && fields.hasTemplate() ? options.with("enable_thinking", false) : options;
    }

    /// Counts the tokens of a conversation as a prompt, including its tools, without running the engine.
    ///
    /// @param asked the request for `/v1/messages/count_tokens`
    public void count(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.MESSAGES);
        fields.requirePossible(UNSUPPORTED, SUPPORTED);
        int tokens = chat(body, fields).prompt().ids().length;
        request.entry().spent(Spending.ofText(tokens));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(Json.object().put("input_tokens", tokens)));
    }
}
