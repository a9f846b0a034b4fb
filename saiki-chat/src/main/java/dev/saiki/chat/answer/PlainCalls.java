package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.text.chat.ThinkingMarks;
import java.util.Optional;
import java.util.Set;

/// Saiki's own form of calls, for models without a known form: the tool's name, a space, and the arguments.
///
/// If an answer begins with a function's name, a space and a brace, it is a call and constrained from there on; a
/// space may come before the name. Base models rarely start an answer like a call; models trained on these calls
/// do.
record PlainCalls() implements CallForm {

    @Override
    public CallLayout layout() {
        return new CallLayout("", " ", "");
    }

    @Override
    public Set<String> tokens() {
        return Set.of(ThinkingMarks.BEGIN, ThinkingMarks.END);
    }

    /// Returns the empty text: if the prompt ends with the function's name, the arguments follow without a space.
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
