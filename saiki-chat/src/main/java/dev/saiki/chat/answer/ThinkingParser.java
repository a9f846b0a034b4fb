package dev.saiki.chat.answer;

import dev.saiki.text.chat.ThinkingSplitter;
import java.util.ArrayList;
import java.util.List;

/// A parser of answers that may begin with thoughts, which stand between two marks.
final class ThinkingParser implements AnswerParser {

    private final AnswerParser answer;
    private final ThinkingSplitter reader;

    /// Begins an answer.
    ///
    /// @param answer parser of the text after the thoughts
    /// @param begun whether the prompt ends with the first mark
    ThinkingParser(AnswerParser answer, boolean begun) {
        this.answer = answer;
        this.reader = new ThinkingSplitter(begun);
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

    private List<AnswerPiece> parse(List<ThinkingSplitter.Piece> read) {
        List<AnswerPiece> pieces = new ArrayList<>();
        for (ThinkingSplitter.Piece piece : read) {
            switch (piece) {
                case ThinkingSplitter.Thought(String text) -> pieces.add(new AnswerPiece.Thought(text));
                case ThinkingSplitter.Answer(String text) -> pieces.addAll(answer.take(text));
            }
        }
        return pieces;
    }
}
