package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import dev.saiki.http.EventStream;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// A writer of the answers to one call in a protocol's form, whole or as events. Used by the thread that answers the
/// request.
public interface AnswerRenderer {

    /// GenAI's name of what is done, by which it is measured.
    String operation();

    /// Why an answer ended, in the protocol's words.
    ///
    /// @param index which of the answers
    /// @param unread the last characters of the answer, or all of it, that the renderer was not given
    /// @param finish how it ended
    String finishReason(int index, String unread, GenerationResult finish);

    /// Writes all answers in one document.
    ///
    /// @param answers in the order of their numbers
    /// @param outcome what they cost, and when
    ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome);

    /// Sends what stands before all tokens.
    void begin(EventStream stream);

    /// Sends what needs the first prompt to be read, before the first token or end.
    ///
    /// @param cachedTokens tokens of the first prompt that were not computed
    default void started(EventStream stream, int cachedTokens) {}

    /// Sends what a token completed, if it did.
    void token(EventStream stream, int index, Token token);

    /// Sends something that says nothing, at once, since nothing has been said for long.
    default void silent(EventStream stream) {
        stream.ping();
    }

    /// Sends the end of an answer.
    void ended(EventStream stream, int index, GenerationResult finish);

    /// Says that all answers are whole.
    void completed(EventStream stream, Outcome outcome);

    /// Says that not all answers will be whole.
    void failed(EventStream stream, ApiException failure);
}
