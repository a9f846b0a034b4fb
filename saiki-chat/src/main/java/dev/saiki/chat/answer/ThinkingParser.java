package dev.saiki.chat.answer;

import dev.saiki.text.chat.ThoughtReader;
import java.util.ArrayList;
import java.util.List;

/// A parser of answers that may begin with thoughts between two marks.
final class ThinkingParser implements AnswerParser {

    private final AnswerParser answer;
    private final ThoughtReader reader;

    /// Begins an answer.
    ///
    /// @param answer parser of the text after the thoughts
    /// @param begun whether the prompt ends with the first mark
    ThinkingParser(AnswerParser answer, boolean begun) {
        this.answer = answer;
        this.reader = new ThoughtReader(begun);
    }

    @Override
    public List<AnswerPiece> take(String text) {
        return parse(reader.take(text));
    }

    @Override
    public List<AnswerPiece> end() {
        List<AnswerPiece> pieces = parse(reader.end());
        pieces.addAll(answer.end());
        return pieces;
    }

    private List<AnswerPiece> parse(List<ThoughtReader.Piece> read) {
        List<AnswerPiece> pieces = new ArrayList<>();
        for (ThoughtReader.Piece piece : read) {
            switch (piece) {
                case ThoughtReader.Thought(String text) -> pieces.add(new AnswerPiece.Thought(text));
                case ThoughtReader.Words(String text) -> pieces.addAll(answer.take(text));
            }
        }
        return pieces;
    }
}
