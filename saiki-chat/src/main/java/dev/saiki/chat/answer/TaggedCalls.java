package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.text.chat.ThinkingMarks;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Hermes's and Qwen's form of calls: each call is a JSON object with `name` and `arguments` between two tags, and
/// any number of calls may follow the text.
record TaggedCalls(CallLayout layout) implements CallForm {

    /// The tag before a call.
    static final String TAG = "<tool_call>";

    private static final String END_TAG = "</tool_call>";

    /// The layout used unless the template renders another.
    static final CallLayout USUAL = new CallLayout(TAG + "\n{\"name\": \"", "\", \"arguments\": ", "}\n" + END_TAG);

    @Override
    public Set<String> tokens() {
        return Set.of(TAG, END_TAG, ThinkingMarks.BEGIN, ThinkingMarks.END);
    }

    @Override
    public Optional<TextConstraint> choice(ToolChoice call) {
        return call.isStrict()
                ? Optional.of(TextConstraint.textWithMarkedJson(TAG, labelled(call, TAG.length()), layout.after())
                        .writing(tokens()))
                : Optional.empty();
    }

    @Override
    public AnswerParser choiceParser(ToolChoice call) {
        return new MarkedCallParser(TAG, call.parallel(), () -> new Reader(call));
    }

    /// A reader of one object and its end tag; models sometimes omit the tag at the end of an answer.
    private static final class Reader implements WrittenCallReader {

        private final ToolChoice call;
        private int from;
        private OptionalInt end = OptionalInt.empty();
        private @Nullable JsonExtent object;

        Reader(ToolChoice call) {
            this.call = call;
        }

        @Override
        public Found read(CharSequence text, boolean ended) {
            if (object == null) {
                from = JsonExtent.behindSpace(text, 0);
                if (from == text.length()) {
                    return OPEN;
                }
                if (text.charAt(from) != '{') {
                    return NONE;
                }
                object = new JsonExtent(from);
            }
            end = end.isPresent() ? end : object.end(text);
            return end.isPresent() ? tagged(text, end.getAsInt(), ended) : OPEN;
        }

        private Found tagged(CharSequence text, int behind, boolean ended) {
            int place = JsonExtent.behindSpace(text, behind);
            String rest = text.subSequence(place, Math.min(text.length(), place + END_TAG.length()))
                    .toString();
            boolean isWhole = rest.equals(END_TAG) || (ended && rest.isEmpty());
            if (!isWhole) {
                return END_TAG.startsWith(rest) ? OPEN : NONE;
            }
            return WrittenCall.read(text.subSequence(from, behind).toString(), call)
                    .<Found>map(written -> new Found.Calls(List.of(written), place + rest.length()))
                    .orElse(NONE);
        }
    }
}
