package dev.saiki.text.chat;

import java.util.ArrayList;
import java.util.List;

/// An incremental reader of an answer that may begin with reasoning between {@link ThinkingMarks}. Line breaks
/// next to a mark belong to the mark.
public final class ThinkingSplitter {

    private final StringBuilder held = new StringBuilder();
    private Stage stage;

    /// A piece of an answer.
    public sealed interface Piece {

        /// Returns the text of the piece.
        ///
        /// @return the characters of the piece, at least one
        String text();
    }

    /// The next characters of the reasoning.
    ///
    /// @param text the characters
    public record Thought(String text) implements Piece {}

    /// The next characters of the answer itself.
    ///
    /// @param text the characters
    public record Answer(String text) implements Piece {}

    /// A stage in reading an answer.
    private enum Stage {
        /// The first mark may follow.
        BEGINNING,
        /// The first mark has been read, but no reasoning yet.
        MARKED,
        THINKING,
        /// The last mark has been read, but nothing after it.
        THOUGHT,
        ANSWERING
    }

    /// Starts reading an answer.
    ///
    /// @param begun whether the prompt ends with the first mark, see {@link ThinkingMarks#areBegunBy}
    public ThinkingSplitter(boolean begun) {
        this.stage = begun ? Stage.MARKED : Stage.BEGINNING;
    }

    /// Processes the next part of the output.
    ///
    /// @param text the next characters, may be empty
    /// @return the characters that are now known to be reasoning or answer, including earlier characters that
    ///     were held back
    public List<Piece> take(String text) {
        held.append(text);
        List<Piece> pieces = new ArrayList<>();
        Stage before;
        do {
            before = stage;
            step(pieces);
        } while (stage != before);
        return pieces;
    }

    /// Ends the output.
    ///
    /// @return the characters held back
    public List<Piece> end() {
        List<Piece> pieces = new ArrayList<>();
        switch (stage) {
            case BEGINNING -> {
                stage = Stage.ANSWERING;
                step(pieces);
            }
            case THINKING -> addThought(pieces, held.length());
            case MARKED, THOUGHT, ANSWERING -> {
                // Only line breaks are held back.
            }
        }
        return pieces;
    }

    private void step(List<Piece> pieces) {
        switch (stage) {
            case BEGINNING -> begin();
            case MARKED -> skipLineBreaks(Stage.THINKING);
            case THINKING -> think(pieces);
            case THOUGHT -> skipLineBreaks(Stage.ANSWERING);
            case ANSWERING -> {
                if (!held.isEmpty()) {
                    pieces.add(new Answer(release(held.length())));
                }
            }
        }
    }

    private void begin() {
        String written = held.toString().stripLeading();
        if (written.startsWith(ThinkingMarks.BEGIN)) {
            String _ = release(held.indexOf(ThinkingMarks.BEGIN) + ThinkingMarks.BEGIN.length());
            stage = Stage.MARKED;
        } else if (!ThinkingMarks.BEGIN.startsWith(written)) {
            stage = Stage.ANSWERING;
        }
    }

    private void skipLineBreaks(Stage next) {
        int breaks = 0;
        while (breaks < held.length() && held.charAt(breaks) == '\n') {
            breaks++;
        }
        String _ = release(breaks);
        stage = held.isEmpty() ? stage : next;
    }

    private void think(List<Piece> pieces) {
        int end = held.indexOf(ThinkingMarks.END);
        addThought(pieces, end < 0 ? lengthBeforeEnd() : end);
        if (end >= 0) {
            String _ = release(held.indexOf(ThinkingMarks.END) + ThinkingMarks.END.length());
            stage = Stage.THOUGHT;
        }
    }

    /// Emits reasoning, but holds back line breaks at its end.
    private void addThought(List<Piece> pieces, int length) {
        int end = length;
        while (end > 0 && held.charAt(end - 1) == '\n') {
            end--;
        }
        if (end > 0) {
            pieces.add(new Thought(release(end)));
        }
    }

    /// The number of characters before a suffix that may be the beginning of the last mark.
    private int lengthBeforeEnd() {
        for (int from = Math.max(0, held.length() - ThinkingMarks.END.length() + 1); from < held.length(); from++) {
            if (ThinkingMarks.END.startsWith(held.substring(from))) {
                return from;
            }
        }
        return held.length();
    }

    private String release(int count) {
        String released = held.substring(0, count);
        held.delete(0, count);
        return released;
    }
}
