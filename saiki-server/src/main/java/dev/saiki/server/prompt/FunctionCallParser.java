package dev.saiki.server.prompt;

/// A parser of an answer that must or may be a call, while it is written: text, or a name and its arguments.
public final class FunctionCallParser {

    private final FunctionCall call;
    private final StringBuilder begun = new StringBuilder();
    private String name;
    private boolean isText;

    /// A piece that was written next.
    ///
    /// @param text of an answer that is no call
    /// @param arguments of one that is
    public record Delta(String text, String arguments) {

        static final Delta NOTHING = new Delta("", "");
    }

    public FunctionCallParser(FunctionCall call) {
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

    /// Whether nothing more can make a call, or a text, of the answer.
    public boolean isDecided() {
        return isText || !name.isEmpty() || call.required();
    }

    /// Takes what was written next.
    ///
    /// @return what of it, and of what was held back, can be told
    public Delta take(String text) {
        if (!name.isEmpty()) {
            return new Delta("", text);
        }
        if (isText) {
            return new Delta(text, "");
        }
        begun.append(text);
        return call.required() ? requiredCall() : callOrText();
    }

    /// Nothing follows any more: what could have become a call is text.
    ///
    /// @return what was held back
    public Delta end() {
        if (isDecided()) {
            return Delta.NOTHING;
        }
        isText = true;
        return new Delta(begun.toString(), "");
    }

    private Delta requiredCall() {
        int end = begun.indexOf(" ");
        if (end < 0) {
            return Delta.NOTHING;
        }
        name = begun.substring(0, end);
        return new Delta("", begun.substring(end + 1));
    }

    private Delta callOrText() {
        String written = begun.toString();
        String beginning = written.startsWith(" ") ? written.substring(1) : written;
        boolean mayBecomeCall = false;
        for (Function function : call.functions()) {
            String prefix = function.name() + " {";
            if (beginning.startsWith(prefix)) {
                name = function.name();
                return new Delta("", beginning.substring(prefix.length() - 1));
            }
            mayBecomeCall |= prefix.startsWith(beginning);
        }
        isText = !mayBecomeCall;
        return isText ? new Delta(written, "") : Delta.NOTHING;
    }
}
