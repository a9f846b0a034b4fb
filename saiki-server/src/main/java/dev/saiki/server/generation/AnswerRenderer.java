package dev.saiki.server.generation;

import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.http.ApiException;
import dev.saiki.http.EventStream;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// A renderer of the answers to one call in a protocol's format, either as one document or as events. Used by
/// the thread that answers the request.
public interface AnswerRenderer {

    /// The operation's name in OpenTelemetry's GenAI conventions, for metrics; by default that of conversations.
    default String operation() {
        return "chat";
    }

    /// Why an answer ended, in the protocol's terms.
    ///
    /// @param index the index of the answer
    /// @param unread the text that was not yet passed to the renderer: the answer's last characters, or the
    ///     whole answer
    /// @param finish how the answer ended
    String finishReason(int index, String unread, GenerationResult finish);

    /// Renders all answers as one document.
    ///
    /// @param answers ordered by index
    /// @param outcome the answers' cost and latencies
    ObjectNode whole(List<FinishedAnswer> answers, Outcome outcome);

    /// Sends the events that precede all tokens.
    void begin(EventStream stream);

    /// Sends the events that depend on the first prompt's prefill, before the first token or the first end of an
    /// answer.
    ///
    /// @param cachedTokens the number of the first prompt's tokens that were found in the cache
    default void started(EventStream stream, int cachedTokens) {}

    /// Sends the text that a token completed, if any.
    void token(EventStream stream, int index, Token token);

    /// Sends an event without content at once, to keep a silent connection open.
    default void silent(EventStream stream) {
        stream.ping();
    }

    /// Sends the end of an answer.
    void ended(EventStream stream, int index, GenerationResult finish);

    /// Sends the end of a stream whose answers are all complete.
    void completed(EventStream stream, Outcome outcome);

    /// Sends the end of a stream with incomplete answers.
    void failed(EventStream stream, ApiException failure);
}
