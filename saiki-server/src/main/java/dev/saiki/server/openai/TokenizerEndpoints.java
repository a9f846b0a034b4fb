package dev.saiki.server.openai;

import dev.saiki.http.ApiException;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.protocol.ConversationFields;
import dev.saiki.server.protocol.PromptFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints of the model's tokenizer, in vLLM's format, for lm-evaluation-harness.
///
/// A text gets the ids that it has as the prompt of a completion; with `add_special_tokens` false, without the tokens
/// that the tokenizer puts before a text.
public record TokenizerEndpoints(RequestLimits limits) {

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/tokenize", Metering.LIMITED, this::tokenize),
                new Route("POST", "/detokenize", Metering.LIMITED, this::detokenize),
                new Route("GET", "/tokenizer_info", Metering.LIMITED, TokenizerEndpoints::info));
    }

    private void tokenize(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        ModelDeployment model = request.deployment();
        Tokenizer tokenizer = model.engine().tokenizer();
        int[] ids = body.has("messages") ? conversation(model, body).ids() : text(body, tokenizer);
        request.entry().spent(Spending.ofText(ids.length));
        ObjectNode answer = Json.object();
        answer.put("count", ids.length);
        answer.put("max_model_len", model.engine().config().maxPositionEmbeddings());
        Arrays.stream(ids).forEach(answer.putArray("tokens")::add);
        if (body.flag("return_token_strs", false)) {
            ArrayNode texts = answer.putArray("token_strs");
            TokenTexts names = new TokenTexts(tokenizer);
            Arrays.stream(ids).forEach(id -> texts.add(names.name(id)));
        }
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private static int[] text(RequestBody body, Tokenizer tokenizer) {
        String text =
                body.text("prompt").orElseThrow(() -> ApiException.invalid("prompt or messages is required", "prompt"));
        if (body.flag("add_special_tokens", true)) {
            return PromptFields.ids(text, body, tokenizer);
        }
        return PromptFields.parsesSpecial(body) ? tokenizer.encodeWithSpecials(text) : tokenizer.encode(text);
    }

    /// The prompt of a conversation: its turns, the offered tools, and the start of the model's own turn.
    private static EncodedPrompt conversation(ModelDeployment model, RequestBody body) {
        if (!body.flag("add_generation_prompt", true)) {
            throw ApiException.unsupported(
                    "add_generation_prompt must be true: a prompt ends where the answer begins",
                    "add_generation_prompt");
        }
        return ConversationFields.prompt(
                        model,
                        ConversationFields.read(body),
                        Protocol.CHAT.tools(body),
                        ConversationFields.options(body, false))
                .prompt();
    }

    private void detokenize(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        ModelDeployment model = request.deployment();
        Tokenizer tokenizer = model.engine().tokenizer();
        int[] ids = RequestBody.tokenIds(body.items("tokens"), "tokens", tokenizer.vocabSize());
        request.entry().spent(Spending.ofText(ids.length));
        ObjectNode answer = Json.object().put("prompt", tokenizer.decode(ids));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    private static void info(Request asked) {
        Request request = asked.forModel(asked.exchange().query("model"));
        ModelDeployment model = request.deployment();
        Tokenizer tokenizer = model.engine().tokenizer();
        ObjectNode body = Json.object();
        body.put("tokenizer_class", "PreTrainedTokenizerFast");
        body.put("vocab_size", tokenizer.vocabSize());
        body.put("eos_token", tokenizer.tokenText(tokenizer.endOfTextId()));
        OptionalInt bos = model.engine().config().bosTokenId();
        if (bos.isPresent() && bos.getAsInt() < tokenizer.vocabSize()) {
            body.put("bos_token", tokenizer.tokenText(bos.getAsInt()));
        } else {
            body.putNull("bos_token");
        }
        body.putNull("pad_token");
        body.put("chat_template", model.chats().templateSource().orElse(null));
        body.put("hash", tokenizer.hash());
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
