package dev.saiki.server.generation;

import dev.saiki.engine.Finish;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.Token;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// How answers look on the wire: what text completions and chat completions do not share.
public interface AnswerShape {

    /// What GenAI's conventions call this work.
    String operation();

    /// What the id of an answer begins with.
    String idPrefix();

    /// The `object` of a whole answer.
    String wholeObject();

    /// The `object` of a piece.
    String pieceObject();

    /// Whether the ids of a prompt's tokens stand in each choice, as vLLM has it where there may be several
    /// prompts, or else beside the choices.
    boolean hasPromptIdsInChoices();

    /// Why an answer ended, in OpenAI's words.
    default String reason(Finish finish) {
        return finish.reason() == FinishReason.MAX_TOKENS ? "length" : "stop";
    }

    /// A whole answer, without its index and reason to end.
    void putWhole(ObjectNode choice, Ask ask, Answer answer);

    /// What the first piece has.
    ///
    /// @param text with which the answer begins, may be empty
    /// @return whether there is a first piece at all
    boolean putOpening(ObjectNode choice, String text);

    /// What a piece has.
    ///
    /// @param text the next characters, may be empty
    /// @param token which completed them, if one did
    /// @param offset characters of the answer before it
    void putPiece(ObjectNode choice, Ask ask, String text, Optional<Token> token, int offset);

    /// What was held back until nothing could follow.
    ///
    /// @return whether there is such a piece at all
    default boolean putRest(ObjectNode choice) {
        return false;
    }

    /// What the last piece has beside the reason to end.
    void putEnding(ObjectNode choice);
}
