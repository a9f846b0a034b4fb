package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.text.chat.ThinkingMarks;
import java.util.Optional;
import java.util.Set;

/// Saiki's own form of calls, for models without a known form: the tool's name, a space, and the arguments.
///
/// If an answer begins with a function's name, a space and a brace (optionally after a space), it is a call and
/// constrained from there on. Base models rarely start an answer like a call; models trained on these calls do.
record PlainCalls() implements CallForm {

    @Override
    public CallLayout layout() {
        return new CallLayout("", " ", "");
    }

    @Override
    public Set<String> tokens() {
        return Set.of(ThinkingMarks.BEGIN, ThinkingMarks.END);
    }

    /// Returns the empty text: if the function is fixed, the prompt ends with its name, and the arguments follow.
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
