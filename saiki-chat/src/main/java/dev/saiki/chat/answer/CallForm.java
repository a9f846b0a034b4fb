package dev.saiki.chat.answer;

import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A form in which a model writes calls of tools.
///
/// An answer that must be a call begins in the prompt, with all that the form has before the function's
/// name or its arguments; what the model writes from there is bound. An answer that may be a call is bound
/// in the server's own form, and in others where a function is `strict`; else it is free, and read.
public sealed interface CallForm permits PlainCalls, TaggedCalls, BareCalls, BracketedCalls {

    /// The texts around name and arguments.
    CallLayout layout();

    /// The added tokens in which the form may be written.
    Set<String> tokens();

    /// What binds an answer that may be a call.
    Optional<TextConstraint> choice(ToolChoice call);

    /// Tells apart what an answer is that may be a call.
    AnswerParser choiceParser(ToolChoice call);

    /// The id of a call as the checkpoint's template takes it.
    ///
    /// @param id the client's
    default String idInTemplate(String id) {
        return id;
    }

    /// The white space before the arguments that the model writes itself, as tokens often begin with it.
    default String gap() {
        String between = layout().between();
        return between.substring(between.stripTrailing().length());
    }

    /// How an answer begins that must be a call.
    default String opening(ToolChoice call) {
        if (!call.isNamed()) {
            return layout().before();
        }
        String label = layout().label(call.tools().getFirst());
        return label.substring(0, label.length() - gap().length());
    }

    /// What binds an answer.
    ///
    /// @param call that it must or may be
    /// @throws InputException if a schema cannot be followed
    default Optional<TextConstraint> constraint(ToolChoice call) {
        try {
            return call.required() ? Optional.of(demand(call)) : choice(call);
        } catch (InputException mistake) {
            throw new InputException("tools: " + mistake.getMessage(), mistake);
        }
    }

    private TextConstraint demand(ToolChoice call) {
        Map<String, JsonForm> labelled = new LinkedHashMap<>();
        call.tools().forEach(function -> labelled.put(labelBehindOpening(call, function), function.form()));
        return TextConstraint.labelledJson(labelled).writing(tokens());
    }

    private String labelBehindOpening(ToolChoice call, Tool function) {
        return call.isNamed() ? gap() : function.name() + layout().between();
    }

    /// Tells apart what an answer is.
    ///
    /// @param call that it must or may be
    default AnswerParser parser(ToolChoice call) {
        if (!call.required()) {
            return choiceParser(call);
        }
        Map<String, String> labels = new LinkedHashMap<>();
        call.tools().forEach(function -> labels.put(labelBehindOpening(call, function), function.name()));
        return LabelledCallParser.ofCall(labels);
    }

    /// The schemas of functions by how their calls begin.
    ///
    /// @param from which character of the beginning on
    default Map<String, JsonForm> labelled(ToolChoice call, int from) {
        Map<String, JsonForm> labelled = new LinkedHashMap<>();
        call.tools().forEach(function -> labelled.put(layout().label(function).substring(from), function.form()));
        return labelled;
    }
}
