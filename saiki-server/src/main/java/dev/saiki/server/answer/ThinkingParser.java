package dev.saiki.server.answer;

import dev.saiki.text.chat.ThinkingMarks;
import java.util.ArrayList;
import java.util.List;

/// A parser of an answer that may begin with what the model thinks, between two marks. Line breaks next to
/// a mark belong to it.
final class ThinkingParser implements AnswerParser {

    private final AnswerParser answer;
    private final HeldText held = new HeldText();
    private Stage stage;

    /// A stage of such an answer.
    private enum Stage {
        /// The first mark may come.
        BEGINNING,
        /// The first mark has come, and nothing of what is thought.
        MARKED,
        THINKING,
        /// The last mark has come, and nothing behind it.
        THOUGHT,
        ANSWERING
    }

    /// Begins an answer.
    ///
    /// @param answer parses what stands behind the thoughts
    /// @param begun whether the prompt ends with the first mark
    ThinkingParser(AnswerParser answer, boolean begun) {
        this.answer = answer;
        this.stage = begun ? Stage.MARKED : Stage.BEGINNING;
    }

    @Override
    public List<AnswerPiece> take(String text) {
        if (stage == Stage.ANSWERING) {
            return answer.take(text);
        }
        held.add(text);
        List<AnswerPiece> pieces = new ArrayList<>();
        Stage before;
        do {
            before = stage;
            step(pieces);
        } while (stage != before);
        return pieces;
    }

    private void step(List<AnswerPiece> pieces) {
        switch (stage) {
            case BEGINNING -> begin();
            case MARKED -> skipLineBreaks(Stage.THINKING);
            case THINKING -> think(pieces);
            case THOUGHT -> skipLineBreaks(Stage.ANSWERING);
            case ANSWERING -> pieces.addAll(answer.take(held.release(held.length())));
        }
    }

    private void begin() {
        String written = held.toString().stripLeading();
        if (written.startsWith(ThinkingMarks.BEGIN)) {
            String _ = held.release(held.indexOf(ThinkingMarks.BEGIN) + ThinkingMarks.BEGIN.length());
            stage = Stage.MARKED;
        } else if (!ThinkingMarks.BEGIN.startsWith(written)) {
            stage = Stage.ANSWERING;
        }
    }

    private void skipLineBreaks(Stage next) {
        String written = held.toString();
        int breaks = 0;
        while (breaks < written.length() && written.charAt(breaks) == '\n') {
            breaks++;
        }
        String _ = held.release(breaks);
        stage = held.isEmpty() ? stage : next;
    }

    private void think(List<AnswerPiece> pieces) {
        int end = held.indexOf(ThinkingMarks.END);
        tell(pieces, end < 0 ? held.lengthBefore(ThinkingMarks.END) : end);
        if (end >= 0) {
            String _ = held.release(held.indexOf(ThinkingMarks.END) + ThinkingMarks.END.length());
            stage = Stage.THOUGHT;
        }
    }

    /// Tells what is thought, but for line breaks at its end.
    private void tell(List<AnswerPiece> pieces, int length) {
        String written = held.toString();
        int told = length;
        while (told > 0 && written.charAt(told - 1) == '\n') {
            told--;
        }
        if (told > 0) {
            pieces.add(new AnswerPiece.Thought(held.release(told)));
        }
    }

    @Override
    public List<AnswerPiece> end() {
        List<AnswerPiece> pieces = new ArrayList<>();
        if (stage == Stage.BEGINNING) {
            stage = Stage.ANSWERING;
            step(pieces);
        } else if (stage == Stage.THINKING) {
            tell(pieces, held.length());
        }
        pieces.addAll(answer.end());
        return pieces;
    }
}
