package dev.saiki.server.openai;

import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.prompt.ChatPrompts;
import dev.saiki.server.prompt.Conversation;
import dev.saiki.server.prompt.Function;
import dev.saiki.server.prompt.FunctionCall;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The model's tokenizer, in the form in which vLLM offers it and lm-evaluation-harness looks for it.
///
/// Special tokens that are written out in a text to be tokenized stand for themselves here, as Hugging Face's
/// library has it: the harness asks so for the end of text. In prompts they are text like any other.
public final class TokenizerEndpoints {

    private final ServedModel model;
    private final ChatPrompts chats;
    private final Limits limits;

    public TokenizerEndpoints(ServedModel model, ChatPrompts chats, Limits limits) {
        this.model = model;
        this.chats = chats;
        this.limits = limits;
    }

    public List<Route> routes() {
        return List.of(
                new Route("POST", "/tokenize", Work.ASIDE, this::tokenize),
                new Route("POST", "/detokenize", Work.ASIDE, this::detokenize),
                new Route("GET", "/tokenizer_info", Work.ASIDE, this::info));
    }

    private Tokenizer tokenizer() {
        return model.engine().tokenizer();
    }

    private void tokenize(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        body.text("model").ifPresent(model::requireName);
        int[] ids = body.has("messages")
                ? conversation(body).ids()
                : tokenizer()
                        .encodeWithSpecials(body.text("prompt")
                                .orElseThrow(() -> ApiException.invalid("prompt or messages are needed", "prompt")));
        AuditEntry.current().spent(Spending.ofText(ids.length));
        ObjectNode answer = Json.object();
        answer.put("count", ids.length);
        answer.put("max_model_len", model.engine().config().maxPositionEmbeddings());
        ArrayNode tokens = answer.putArray("tokens");
        Arrays.stream(ids).forEach(tokens::add);
        if (body.flag("return_token_strs", false)) {
            ArrayNode texts = answer.putArray("token_strs");
            TokenTexts names = new TokenTexts(tokenizer());
            Arrays.stream(ids).forEach(id -> texts.add(names.name(id)));
        }
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(answer));
    }

    /// What a model continues in a conversation: its turns, the functions that it is shown, and the beginning of its
    /// own.
    private Prompt conversation(RequestBody body) {
        if (!body.flag("add_generation_prompt", true)) {
            throw ApiException.unsupported(
                    "add_generation_prompt must be true: a prompt ends where the model goes on",
                    "add_generation_prompt");
        }
        Optional<FunctionCall> call = FunctionCall.read(body, Function.readAll(body, true), true);
        return chats.prompt(Conversation.read(body), call);
    }

    private void detokenize(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        body.text("model").ifPresent(model::requireName);
        int[] ids = RequestBody.tokenIds(
                body.items("tokens", Integer.MAX_VALUE), "tokens", tokenizer().vocabSize());
        AuditEntry.current().spent(Spending.ofText(ids.length));
        exchange.send(
                200,
                Json.CONTENT_TYPE,
                Json.bytes(Json.object().put("prompt", tokenizer().decode(ids))));
    }

    private void info(Exchange exchange) {
        ObjectNode body = Json.object();
        body.put("tokenizer_class", "PreTrainedTokenizerFast");
        body.put("vocab_size", tokenizer().vocabSize());
        body.put("eos_token", tokenizer().tokenText(tokenizer().endOfTextId()));
        OptionalInt bos = model.engine().config().bosTokenId();
        if (bos.isPresent() && bos.getAsInt() < tokenizer().vocabSize()) {
            body.put("bos_token", tokenizer().tokenText(bos.getAsInt()));
        } else {
            body.putNull("bos_token");
        }
        body.putNull("pad_token");
        chats.templateSource()
                .ifPresentOrElse(source -> body.put("chat_template", source), () -> body.putNull("chat_template"));
        body.put("hash", tokenizer().hash());
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }
}
