package dev.saiki.server.prompt;

/// An answer that must or may be a call, as far as it is written: text, or a name and its arguments.
public final class CallParts {

    private final FunctionCall call;
    private final StringBuilder begun = new StringBuilder();
    private String name;
    private boolean isText;
    private boolean announced;

    /// What was written next.
    ///
    /// @param text of an answer that is no call
    /// @param arguments of one that is
    public record Piece(String text, String arguments) {

        static final Piece NOTHING = new Piece("", "");
    }

    public CallParts(FunctionCall call) {
        this.call = call;
        this.name = call.isNamed() ? call.functions().getFirst().name() : "";
    }

    /// Which function is called; empty until it is known.
    public String name() {
        return name;
    }

    /// Whether the answer is no call.
    public boolean isText() {
        return isText;
    }

    /// Whether the client has been told the name.
    public boolean isAnnounced() {
        return announced;
    }

    public void announce() {
        announced = true;
    }

    /// Takes what was written next.
    ///
    /// @return what of it, and of what was held back, can be told
    public Piece take(String text) {
        if (!name.isEmpty()) {
            return new Piece("", text);
        }
        if (isText) {
            return new Piece(text, "");
        }
        begun.append(text);
        return call.required() ? requiredCall() : callOrText();
    }

    /// Nothing follows any more: what could have become a call is text.
    ///
    /// @return what was held back
    public Piece end() {
        boolean undecided = name.isEmpty() && !isText && !call.required();
        isText |= undecided;
        return undecided ? new Piece(begun.toString(), "") : Piece.NOTHING;
    }

    private Piece requiredCall() {
        int end = begun.indexOf(" ");
        if (end < 0) {
            return Piece.NOTHING;
        }
        name = begun.substring(0, end);
        return new Piece("", begun.substring(end + 1));
    }

    private Piece callOrText() {
        String written = begun.toString();
        String beginning = written.startsWith(" ") ? written.substring(1) : written;
        boolean mayBecomeCall = false;
        for (Function function : call.functions()) {
            String prefix = function.name() + " {";
            if (beginning.startsWith(prefix)) {
                name = function.name();
                return new Piece("", beginning.substring(prefix.length() - 1));
            }
            mayBecomeCall |= prefix.startsWith(beginning);
        }
        isText = !mayBecomeCall;
        return isText ? new Piece(written, "") : Piece.NOTHING;
    }
}
