package dev.saiki.chat.answer;

import dev.saiki.engine.FinishReason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The incremental parsing of one answer, including the reason why it ended.
public final class AnswerReading {

    private final AnswerParser parser;
    private int calls;
    private @Nullable List<AnswerPiece> last;

    AnswerReading(AnswerParser parser) {
        this.parser = parser;
    }

    /// Processes the next characters.
    ///
    /// @param text the next characters, may be empty
    /// @return the pieces that are certain
    public List<AnswerPiece> take(String text) {
        return counted(parser.take(text));
    }

    /// Processes the end of the answer; may be called again.
    ///
    /// @param unread the last characters, not yet passed to {@link #take}
    /// @return the pieces that are certain because nothing follows; every call returns the same pieces
    public List<AnswerPiece> end(String unread) {
        List<AnswerPiece> known = last;
        if (known == null) {
            List<AnswerPiece> pieces = new ArrayList<>(take(unread));
            pieces.addAll(counted(parser.end()));
            known = List.copyOf(pieces);
            last = known;
        }
        return known;
    }

    private List<AnswerPiece> counted(List<AnswerPiece> pieces) {
        calls += (int)
                pieces.stream().filter(AnswerPiece.CallBegun.class::isInstance).count();
        return pieces;
    }

    /// Returns why the answer ended. At the token limit the reason is the length even if the answer has calls,
    /// because the last call may be incomplete.
    ///
    /// @param unread the last characters, not yet passed to {@link #take}
    /// @param reason the engine's reason for stopping
    /// @return the end of the answer
    public AnswerEnd end(String unread, FinishReason reason) {
        List<AnswerPiece> _ = end(unread);
        return switch (reason) {
            case MAX_TOKENS -> AnswerEnd.LENGTH;
            case FORM_COMPLETE, END_OF_TEXT, STOP_TOKEN -> calls > 0 ? AnswerEnd.TOOL_CALLS : AnswerEnd.STOP;
            default -> AnswerEnd.STOP;
        };
    }
}
