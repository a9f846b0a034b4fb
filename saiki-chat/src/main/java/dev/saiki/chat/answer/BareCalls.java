package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import java.util.Optional;
import java.util.Set;

/// Llama 3's form of calls: the answer is a JSON object with `name` and `parameters`, optionally after a token.
record BareCalls(CallLayout layout) implements CallForm {

    /// The token with which calls may begin.
    private static final String MARK = "<|python_tag|>";

    @Override
    public Set<String> tokens() {
        return Set.of();
    }

    @Override
    public Optional<TextConstraint> choice(ToolChoice call) {
        return call.isStrict() ? Optional.of(TextConstraint.textOrLabelledJson(labelled(call, 0))) : Optional.empty();
    }

    /// Returns the parser of an answer that may be a call. If a function is strict, the answer is
    /// constrained, and is a call only if it begins exactly in this form.
    @Override
    public AnswerParser choiceParser(ToolChoice call) {
        return call.isStrict() ? LabelledCallParser.ofCallOrText(layout.labels(call)) : new BareCallParser(MARK, call);
    }
}
