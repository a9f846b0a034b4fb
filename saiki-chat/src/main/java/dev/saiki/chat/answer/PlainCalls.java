package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.text.chat.ThinkingMarks;
import java.util.Optional;
import java.util.Set;

/// Saiki's own form of calls, for models without a known one: the tool's name, a space, and the arguments.
///
/// An answer that begins with a function's name, a space and a brace (perhaps behind a space) is a call
/// from there on, and bound. A base model will rarely begin so; one that was shown calls in this form will.
record PlainCalls() implements CallForm {

    @Override
    public CallLayout layout() {
        return new CallLayout("", " ", "");
    }

    @Override
    public Set<String> tokens() {
        return Set.of(ThinkingMarks.BEGIN, ThinkingMarks.END);
    }

    /// The arguments follow a name that is known.
    @Override
    public String gap() {
        return "";
    }

    @Override
    public String opening(ToolChoice call) {
        return call.isNamed() ? call.tools().getFirst().name() : "";
    }

    @Override
    public Optional<TextConstraint> choice(ToolChoice call) {
        return Optional.of(TextConstraint.textOrLabelledJson(labelled(call, 0)).writing(tokens()));
    }

    @Override
    public AnswerParser choiceParser(ToolChoice call) {
        return LabelledCallParser.ofCallOrText(layout().labels(call));
    }
}
