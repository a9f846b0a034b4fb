package dev.saiki.chat.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A parser of answers that consist of a label, which identifies a tool, and of the tool's arguments. The
/// arguments are emitted as they arrive.
final class LabelledCallParser implements AnswerParser {

    private static final String SPACE = " ";
    private static final String BRACE = "{";

    private final Map<String, String> functions;
    private final boolean required;
    private final StringBuilder held = new StringBuilder();
    private State state = State.UNDECIDED;

    /// The kind of answer, as far as it is known.
    private enum State {
        UNDECIDED,
        /// The function is known, but its label is not complete.
        NAMED,
        /// The arguments are being written.
        CALL,
        /// The answer is not a call.
        TEXT
    }

    private LabelledCallParser(Map<String, String> functions, boolean required) {
        this.functions = functions;
        this.required = required;
    }

    /// Creates a parser of an answer that is a call: a label, which may be empty, and the arguments. With a single
    /// label, the function is known from the start.
    ///
    /// @param functions the functions' names by their labels
    static LabelledCallParser ofCall(Map<String, String> functions) {
        return new LabelledCallParser(functions, true);
    }

    /// Creates a parser of an answer that is either a call or text. It is a call if it begins with a label and a
    /// brace; a space may come before the label.
    ///
    /// @param functions the functions' names by their labels
    static LabelledCallParser ofCallOrText(Map<String, String> functions) {
        return new LabelledCallParser(functions, false);
    }

    @Override
    public List<AnswerPiece> take(String text) {
        return switch (state) {
            case CALL -> text.isEmpty() ? List.of() : List.of(new AnswerPiece.Arguments(text));
            case TEXT -> text.isEmpty() ? List.of() : List.of(new AnswerPiece.Words(text));
            case UNDECIDED, NAMED -> {
                held.append(text);
                yield required ? call() : callOrText();
            }
        };
    }

    /// Returns the incomplete beginning of a call as text, unless the answer must be a call.
    @Override
    public List<AnswerPiece> end() {
        if (required) {
            return state == State.UNDECIDED ? call() : List.of();
        }
        if (state != State.UNDECIDED) {
            return List.of();
        }
        state = State.TEXT;
        return held.isEmpty() ? List.of() : List.of(new AnswerPiece.Words(held.toString()));
    }

    private List<AnswerPiece> call() {
        List<AnswerPiece> pieces = new ArrayList<>();
        if (state == State.UNDECIDED && functions.size() == 1) {
            pieces.add(new AnswerPiece.CallBegun(functions.values().iterator().next()));
            state = State.NAMED;
        }
        String written = held.toString();
        Optional<String> label =
                functions.keySet().stream().filter(written::startsWith).findFirst();
        label.ifPresent(known -> pieces.addAll(begun(name(known), written.substring(known.length()), state)));
        return pieces;
    }

    private String name(String label) {
        return Optional.ofNullable(functions.get(label)).orElseThrow();
    }

    private List<AnswerPiece> begun(String name, String arguments, State before) {
        List<AnswerPiece> pieces = new ArrayList<>();
        if (before == State.UNDECIDED) {
            pieces.add(new AnswerPiece.CallBegun(name));
        }
        if (!arguments.isEmpty()) {
            pieces.add(new AnswerPiece.Arguments(arguments));
        }
        state = State.CALL;
        return pieces;
    }

    private List<AnswerPiece> callOrText() {
        String written = held.toString();
        String beginning = written.startsWith(SPACE) ? written.substring(1) : written;
        boolean mayBecomeCall = false;
        for (String label : functions.keySet()) {
            if (beginning.startsWith(label + BRACE)) {
                return begun(name(label), beginning.substring(label.length()), state);
            }
            mayBecomeCall |= (label + BRACE).startsWith(beginning);
        }
        if (mayBecomeCall) {
            return List.of();
        }
        state = State.TEXT;
        return List.of(new AnswerPiece.Words(written));
    }
}
