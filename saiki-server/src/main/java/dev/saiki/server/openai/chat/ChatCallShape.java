package dev.saiki.server.openai.chat;

import dev.saiki.engine.Finish;
import dev.saiki.engine.Token;
import dev.saiki.server.generation.Answer;
import dev.saiki.server.generation.AnswerShape;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.prompt.CallParts;
import dev.saiki.server.prompt.FunctionCall;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/// Answers of `/v1/chat/completions` that must or may be calls of functions. Used by the thread that answers
/// one request.
public final class ChatCallShape implements AnswerShape {

    private static final String TOOL_CALLS = "tool_calls";

    private final ChatShape chat;
    private final FunctionCall call;
    private final Map<Integer, CallParts> written = new HashMap<>();

    public ChatCallShape(ChatShape chat, FunctionCall call) {
        this.chat = chat;
        this.call = call;
    }

    public static String newId() {
        return "call_" + UUID.randomUUID().toString().replace("-", "");
    }

    @Override
    public String operation() {
        return chat.operation();
    }

    @Override
    public String idPrefix() {
        return chat.idPrefix();
    }

    @Override
    public String wholeObject() {
        return chat.wholeObject();
    }

    @Override
    public String pieceObject() {
        return chat.pieceObject();
    }

    @Override
    public boolean hasPromptIdsInChoices() {
        return chat.hasPromptIdsInChoices();
    }

    /// A call that was cut off says so, for its arguments are no JSON.
    @Override
    public String reason(Finish finish) {
        return switch (finish.reason()) {
            case FORM_COMPLETE -> TOOL_CALLS;
            case END_OF_TEXT -> call.required() ? TOOL_CALLS : chat.reason(finish);
            default -> chat.reason(finish);
        };
    }

    @Override
    public void putWhole(ObjectNode choice, Ask ask, Answer answer) {
        chat.putWhole(choice, ask, answer);
        CallParts parts = call.parts();
        String arguments = parts.take(answer.text()).arguments();
        CallParts.Piece _ = parts.end();
        if (parts.isText()) {
            return;
        }
        ObjectNode message = (ObjectNode) choice.get("message");
        message.putNull("content");
        if (!parts.name().isEmpty()) {
            ObjectNode made = message.putArray(TOOL_CALLS).addObject();
            made.put("id", newId());
            putFunction(made, parts.name(), arguments);
        }
    }

    private static void putFunction(ObjectNode made, String name, String arguments) {
        made.put("type", "function");
        made.putObject("function").put("name", name).put("arguments", arguments);
    }

    @Override
    public boolean putOpening(ObjectNode choice, String text) {
        chat.putOpening(choice, text);
        if (call.required()) {
            ((ObjectNode) choice.get("delta")).putNull("content");
        }
        return true;
    }

    private CallParts partsOf(ObjectNode choice) {
        return written.computeIfAbsent(choice.get("index").intValue(), _ -> call.parts());
    }

    /// The name comes as soon as it is known, what follows as it is written; what may become a name is held
    /// back.
    @Override
    public void putPiece(ObjectNode choice, Ask ask, String text, Optional<Token> token, int offset) {
        chat.putPiece(choice, ask, text, token, offset);
        ObjectNode delta = choice.putObject("delta");
        CallParts parts = partsOf(choice);
        CallParts.Piece piece = parts.take(text);
        if (parts.isText()) {
            delta.put("content", piece.text());
        }
        if (parts.name().isEmpty()) {
            return;
        }
        ObjectNode made = delta.putArray(TOOL_CALLS).addObject().put("index", 0);
        if (parts.isAnnounced()) {
            made.putObject("function").put("arguments", piece.arguments());
        } else {
            parts.announce();
            made.put("id", newId());
            putFunction(made, parts.name(), piece.arguments());
        }
    }

    @Override
    public boolean putRest(ObjectNode choice) {
        CallParts parts = partsOf(choice);
        boolean decided = parts.isText() || !parts.name().isEmpty() || call.required();
        if (!decided) {
            choice.putObject("delta").put("content", parts.end().text());
            choice.putNull("logprobs");
        }
        return !decided;
    }

    @Override
    public void putEnding(ObjectNode choice) {
        chat.putEnding(choice);
    }
}
