package dev.saiki.server.openai.chat;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.FinishedAnswer;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.openai.ChoiceRenderer;
import dev.saiki.server.openai.ResponseIds;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.server.prompt.FunctionCall;
import dev.saiki.server.prompt.FunctionCallParser;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers of `/v1/chat/completions`: messages, or calls of functions.
final class ChatRenderer extends ChoiceRenderer {

    private static final String CONTENT = "content";
    private static final String TOOL_CALLS = "tool_calls";

    private final TokenTexts texts;
    private final Optional<FunctionCall> function;

    /// One for each answer that may be a call.
    private final List<FunctionCallParser> parsers = new ArrayList<>();

    /// Answers of which the client knows the function's name.
    private final BitSet announced = new BitSet();

    ChatRenderer(GenerationCall call, ModelDeployment deployment, Optional<FunctionCall> function) {
        super(call, new Names(deployment.name(), "chatcmpl-", "chat.completion", "chat.completion.chunk"));
        this.texts = new TokenTexts(deployment.engine().tokenizer());
        this.function = function;
        for (int index = 0; index < call.answers(); index++) {
            function.map(FunctionCall::parser).ifPresent(parsers::add);
        }
    }

    @Override
    public String operation() {
        return "chat";
    }

    @Override
    public String finishReason(GenerationResult finish) {
        return FunctionCall.finishReason(function, finish);
    }

    @Override
    protected boolean hasPromptIdsInChoices() {
        return false;
    }

    @Override
    protected void putWhole(ObjectNode choice, FinishedAnswer answer) {
        ObjectNode message = choice.putObject("message");
        message.put("role", "assistant");
        message.put(CONTENT, answer.text());
        message.putNull("refusal");
        if (function.isPresent()) {
            putWholeCall(message, parsers.get(answer.index()), answer.text());
        }
        putLogprobs(choice, answer.tokens());
    }

    private static void putWholeCall(ObjectNode message, FunctionCallParser parser, String text) {
        String arguments = parser.take(text).arguments();
        FunctionCallParser.Delta _ = parser.end();
        if (parser.isText()) {
            return;
        }
        message.putNull(CONTENT);
        if (!parser.name().isEmpty()) {
            putCall(message.putArray(TOOL_CALLS).addObject(), parser.name(), arguments);
        }
    }

    private static void putCall(ObjectNode call, String name, String arguments) {
        call.put("id", ResponseIds.next("call_"));
        call.put("type", "function");
        call.putObject("function").put("name", name).put("arguments", arguments);
    }

    private void putLogprobs(ObjectNode choice, List<Token> tokens) {
        if (wantsLogprobs()) {
            choice.set("logprobs", texts.content(tokens));
        } else {
            choice.putNull("logprobs");
        }
    }

    @Override
    protected boolean putOpening(ObjectNode choice, String text) {
        ObjectNode delta = choice.putObject("delta").put("role", "assistant");
        if (function.isPresent() && function.get().required()) {
            delta.putNull(CONTENT);
        } else {
            delta.put(CONTENT, text);
        }
        choice.putNull("logprobs");
        return true;
    }

    @Override
    protected void putPiece(ObjectNode choice, int index, String text, Optional<Token> token, int offset) {
        ObjectNode delta = choice.putObject("delta");
        if (function.isPresent()) {
            putCallPiece(delta, index, text);
        } else {
            delta.put(CONTENT, text);
        }
        if (wantsLogprobs() && token.isPresent()) {
            choice.set("logprobs", texts.content(List.of(token.get())));
        } else {
            choice.putNull("logprobs");
        }
    }

    /// The name comes as soon as it is known, what follows as it is written; what may become a name is held
    /// back.
    private void putCallPiece(ObjectNode delta, int index, String text) {
        FunctionCallParser parser = parsers.get(index);
        FunctionCallParser.Delta piece = parser.take(text);
        if (parser.isText()) {
            delta.put(CONTENT, piece.text());
        }
        if (parser.name().isEmpty()) {
            return;
        }
        ObjectNode call = delta.putArray(TOOL_CALLS).addObject().put("index", 0);
        if (announced.get(index)) {
            call.putObject("function").put("arguments", piece.arguments());
        } else {
            announced.set(index);
            putCall(call, parser.name(), piece.arguments());
        }
    }

    @Override
    protected boolean putRest(ObjectNode choice, int index) {
        if (function.isEmpty() || parsers.get(index).isDecided()) {
            return false;
        }
        choice.putObject("delta").put(CONTENT, parsers.get(index).end().text());
        choice.putNull("logprobs");
        return true;
    }

    @Override
    protected void putEnding(ObjectNode choice) {
        choice.putObject("delta");
        choice.putNull("logprobs");
    }
}
