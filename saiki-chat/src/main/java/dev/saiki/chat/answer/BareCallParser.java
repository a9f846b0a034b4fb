package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A parser of answers that consist of calls alone: JSON objects separated by semicolons, optionally after a mark.
/// Any other answer is text, even if it begins like calls.
final class BareCallParser implements AnswerParser {

    private final String mark;
    private final ToolChoice call;
    private final HeldText held = new HeldText();
    private final List<WrittenCall> calls = new ArrayList<>();

    /// The index where the current object begins, or where the next one may begin; -1 before the first object.
    private int from = -1;

    private Optional<JsonExtent> open = Optional.empty();
    private boolean isText;

    /// Begins an answer.
    ///
    /// @param mark the optional mark before calls
    /// @param call the available functions
    BareCallParser(String mark, ToolChoice call) {
        this.mark = mark;
        this.call = call;
    }

    @Override
    public List<AnswerPiece> take(String text) {
        if (isText) {
            return text.isEmpty() ? List.of() : List.of(new AnswerPiece.Words(text));
        }
        held.add(text);
        read();
        return isText ? words() : List.of();
    }

    @Override
    public List<AnswerPiece> end() {
        if (isText) {
            return List.of();
        }
        if (open.isPresent() || calls.isEmpty()) {
            isText = true;
            return words();
        }
        List<WrittenCall> emitted = call.parallel() ? calls : calls.subList(0, 1);
        return emitted.stream().flatMap(each -> each.pieces().stream()).toList();
    }

    private List<AnswerPiece> words() {
        return held.isEmpty() ? List.of() : List.of(new AnswerPiece.Words(held.release(held.length())));
    }

    private void read() {
        boolean isAdvancing = true;
        while (isAdvancing && !isText) {
            isAdvancing = open.isPresent() ? toEnd(open.get()) : from < 0 ? toFirst() : toNext();
        }
    }

    private boolean toFirst() {
        String written = held.toString();
        String begun = written.stripLeading();
        int start = written.length() - begun.length() + (begun.startsWith(mark) ? mark.length() : 0);
        return !mark.startsWith(begun) && toObject(start);
    }

    /// Handles the text between two objects: a semicolon, with optional white space around it.
    private boolean toNext() {
        OptionalInt semicolon = find(';', from);
        return semicolon.isPresent() && toObject(semicolon.getAsInt() + 1);
    }

    private boolean toObject(int start) {
        OptionalInt brace = find('{', start);
        brace.ifPresent(at -> {
            from = at;
            open = Optional.of(new JsonExtent(at));
        });
        return brace.isPresent();
    }

    /// The index of a required character after white space; empty if the character has not arrived, or the answer
    /// turns out to be text.
    private OptionalInt find(char wanted, int start) {
        CharSequence written = held.view();
        int at = JsonExtent.behindSpace(written, start);
        isText = at < written.length() && written.charAt(at) != wanted;
        return at < written.length() && !isText ? OptionalInt.of(at) : OptionalInt.empty();
    }

    private boolean toEnd(JsonExtent object) {
        OptionalInt end = object.end(held.view());
        if (end.isEmpty()) {
            return false;
        }
        Optional<WrittenCall> written =
                WrittenCall.read(held.view().subSequence(from, end.getAsInt()).toString(), call);
        written.ifPresent(calls::add);
        isText = written.isEmpty();
        open = Optional.empty();
        from = end.getAsInt();
        return true;
    }
}
