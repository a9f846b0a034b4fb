package dev.saiki.chat.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A parser of answers that contain any number of calls, each after a mark, with text between them. A call is
/// emitted once it is complete; text that only resembles a call is emitted as text. White space around calls is
/// dropped.
final class MarkedCallParser implements AnswerParser {

    private final String mark;
    private final boolean parallel;
    private final Supplier<WrittenCallReader> readers;
    private final HeldText held = new HeldText();

    /// White space that is emitted only if text follows, or if the answer ends without calls.
    private String space = "";

    /// The reader of the text after a mark; null if no mark is open.
    private @Nullable WrittenCallReader reader;

    private int calls;

    /// Begins an answer.
    ///
    /// @param mark the mark before each call
    /// @param parallel whether several calls are emitted
    /// @param readers creates a reader for the text after each mark
    MarkedCallParser(String mark, boolean parallel, Supplier<WrittenCallReader> readers) {
        this.mark = mark;
        this.parallel = parallel;
        this.readers = readers;
    }

    @Override
    public List<AnswerPiece> take(String text) {
        held.add(text);
        return parse(false);
    }

    @Override
    public List<AnswerPiece> end() {
        List<AnswerPiece> pieces = parse(true);
        if (calls == 0 && !space.isEmpty()) {
            pieces.add(new AnswerPiece.Words(space));
        }
        return pieces;
    }

    private List<AnswerPiece> parse(boolean ended) {
        List<AnswerPiece> pieces = new ArrayList<>();
        boolean isAdvancing = true;
        while (isAdvancing) {
            isAdvancing = reader == null ? toMark(pieces, ended) : behindMark(reader, pieces, ended);
        }
        return pieces;
    }

    private boolean toMark(List<AnswerPiece> pieces, boolean ended) {
        int at = held.indexOf(mark);
        if (at < 0) {
            emit(pieces, held.release(ended ? held.length() : held.lengthBefore(mark)));
            return false;
        }
        emit(pieces, held.release(at));
        String _ = held.release(mark.length());
        reader = readers.get();
        return true;
    }

    private boolean behindMark(WrittenCallReader opened, List<AnswerPiece> pieces, boolean ended) {
        WrittenCallReader.Found found = opened.read(held.view(), ended);
        if (found instanceof WrittenCallReader.Found.Open && !ended) {
            return false;
        }
        reader = null;
        if (found instanceof WrittenCallReader.Found.Calls(List<WrittenCall> written, int end)) {
            String _ = held.release(end);
            space = "";
            written.forEach(call -> emit(pieces, call));
        } else {
            emit(pieces, mark);
        }
        return true;
    }

    private void emit(List<AnswerPiece> pieces, WrittenCall call) {
        if (parallel || calls == 0) {
            pieces.addAll(call.pieces());
        }
        calls++;
    }

    private void emit(List<AnswerPiece> pieces, String words) {
        String all = space + words;
        int end = all.stripTrailing().length();
        space = all.substring(end);
        if (end > 0) {
            pieces.add(new AnswerPiece.Words(all.substring(0, end)));
        }
    }
}
