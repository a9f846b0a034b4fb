package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Mistral's forms of calls: behind a token a JSON array of objects with `name` and `arguments`; in newer models a
/// name, a token and the arguments, repeated for each call.
record BracketedCalls(CallLayout layout) implements CallForm {

    /// The token before calls.
    static final String MARK = "[TOOL_CALLS]";

    /// The token between name and arguments.
    static final String ARGUMENTS = "[ARGS]";

    private static final String NOT_IN_IDS = "[^a-zA-Z0-9]";
    private static final int ID_LENGTH = 9;

    /// What comes before the arguments: a name, perhaps with an id that the model gave.
    private static final Pattern NAMED =
            Pattern.compile("\\s*([a-zA-Z0-9_-]{1,64})(?:\\[CALL_ID\\][a-zA-Z0-9_-]{1,64})?(?:\\[ARGS\\])?\\s*(\\{)");

    private static final Pattern LISTED = Pattern.compile("\\s*(\\[)");

    @Override
    public Set<String> tokens() {
        return Set.of(MARK, ARGUMENTS);
    }

    /// These templates take ids of nine letters and digits only.
    @Override
    public String idInTemplate(String id) {
        String padded = "0".repeat(ID_LENGTH) + id.replaceAll(NOT_IN_IDS, "");
        return padded.substring(padded.length() - ID_LENGTH);
    }

    @Override
    public Optional<TextConstraint> choice(ToolChoice call) {
        return call.isStrict()
                ? Optional.of(TextConstraint.textWithMarkedJson(MARK, labelled(call, MARK.length()), layout.after())
                        .writing(tokens()))
                : Optional.empty();
    }

    @Override
    public AnswerParser choiceParser(ToolChoice call) {
        return new MarkedCallParser(MARK, call.parallel(), () -> new Reader(call));
    }

    /// A reader of an array of calls, or of one call.
    private static final class Reader implements WrittenCallReader {

        private final ToolChoice call;
        private Optional<String> name = Optional.empty();
        private int from;
        private @Nullable JsonExtent value;

        Reader(ToolChoice call) {
            this.call = call;
        }

        @Override
        @SuppressWarnings("JdkObsolete") // Asked is whether more text could make a match.
        public Found read(CharSequence text, boolean ended) {
            if (value == null) {
                Matcher listed = LISTED.matcher(text);
                Matcher named = NAMED.matcher(text);
                if (listed.lookingAt()) {
                    from = listed.start(1);
                } else if (named.lookingAt()) {
                    name = Optional.of(named.group(1));
                    from = named.start(2);
                } else {
                    return named.hitEnd() ? OPEN : NONE;
                }
                value = new JsonExtent(from);
            }
            OptionalInt end = value.end(text);
            if (end.isEmpty()) {
                return OPEN;
            }
            String json = text.subSequence(from, end.getAsInt()).toString();
            List<WrittenCall> calls = name.map(
                            known -> WrittenCall.of(known, json, call).stream().toList())
                    .orElseGet(() -> ofArray(json));
            return calls.isEmpty() ? NONE : new Found.Calls(calls, end.getAsInt());
        }

        /// The calls of an array, or none if one of them is none.
        private List<WrittenCall> ofArray(String json) {
            List<WrittenCall> calls = new ArrayList<>();
            int before = 1;
            int at = json.indexOf('{');
            while (at >= 0) {
                OptionalInt end = new JsonExtent(at).end(json);
                Optional<WrittenCall> written =
                        end.isEmpty() ? Optional.empty() : WrittenCall.read(json.substring(at, end.getAsInt()), call);
                if (written.isEmpty() || !separates(json.substring(before, at), before == 1)) {
                    return List.of();
                }
                calls.add(written.get());
                before = end.getAsInt();
                at = json.indexOf('{', before);
            }
            return json.substring(before).strip().equals("]") ? List.copyOf(calls) : List.of();
        }

        private static boolean separates(String between, boolean isFirst) {
            return between.strip().equals(isFirst ? "" : ",");
        }
    }
}
