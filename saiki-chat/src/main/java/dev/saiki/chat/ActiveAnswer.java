package dev.saiki.chat;

import dev.saiki.chat.answer.AnswerEnd;
import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.AnswerReading;
import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.chat.answer.WholeAnswer;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.TokenStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/// An answer while the engine generates it, parsed into thoughts, text and calls. Only one thread may read the
/// answer; cancelling is thread-safe.
public final class ActiveAnswer implements AutoCloseable, Iterable<AnswerPiece> {

    private final TokenStream stream;
    private final AnswerReading reading;
    private final List<AnswerPiece> pieces = new ArrayList<>();
    private final String callId = "call_" + UUID.randomUUID().toString().replace("-", "");

    /// Starts parsing an answer.
    ///
    /// @param stream the answer's tokens
    /// @param syntax the answer's syntax
    public ActiveAnswer(TokenStream stream, AnswerSyntax syntax) {
        this.stream = stream;
        this.reading = syntax.reading();
    }

    /// Returns the pieces as they are generated. Call this method only once.
    ///
    /// @return an iterator that blocks until the next piece
    @Override
    public Iterator<AnswerPiece> iterator() {
        Stream<AnswerPiece> written =
                StreamSupport.stream(stream.spliterator(), false).flatMap(token -> reading.take(token.text()).stream());
        Stream<AnswerPiece> last =
                Stream.of(stream).flatMap(ended -> reading.end(ended.finish().text()).stream());
        return Stream.concat(written, last).peek(pieces::add).iterator();
    }

    /// Returns the whole answer. Call this method only after all pieces have been read.
    ///
    /// @return the pieces read, joined
    public WholeAnswer whole() {
        return WholeAnswer.of(pieces);
    }

    /// Returns the calls that may be run. Call this method only after all pieces have been read.
    ///
    /// @return the calls of the answer, except for a last call that was truncated by the token limit, the
    ///     deadline or a cancellation
    public List<WrittenCall> completeCalls() {
        boolean isTruncated = switch (result().reason()) {
            case MAX_TOKENS, CANCELLED, DEADLINE -> true;
            default -> false;
        };
        return whole().completeCalls(isTruncated);
    }

    /// Waits until the answer ends.
    ///
    /// @return tokens and depths
    public GenerationResult result() {
        return stream.finish();
    }

    /// Returns the reason why the answer ended. Call this method only after all pieces have been read.
    ///
    /// @return the reason
    public AnswerEnd end() {
        return reading.end("", stream.finish().reason());
    }

    /// Returns an id for a call in the answer.
    ///
    /// @param index the call's index
    /// @return a unique id
    public String callId(int index) {
        return callId + index;
    }

    /// Cancels the answer, which ends with the text generated so far.
    public void cancel() {
        stream.cancel();
    }

    @Override
    public void close() {
        stream.close();
    }
}
