package dev.saiki.chat.answer;

import java.util.List;

/// A parser of answers that are text only.
final class WordsParser implements AnswerParser {

    @Override
    public List<AnswerPiece> take(String text) {
        return text.isEmpty() ? List.of() : List.of(new AnswerPiece.Words(text));
    }

    @Override
    public List<AnswerPiece> end() {
        return List.of();
    }
}
