package dev.saiki.server.answer;

import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import dev.saiki.server.http.ApiException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A form in which a model writes calls of functions.
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
    Optional<TextConstraint> choice(FunctionCall call);

    /// Tells apart what an answer is that may be a call.
    AnswerParser choiceParser(FunctionCall call);

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
    default String opening(FunctionCall call) {
        if (!call.isNamed()) {
            return layout().before();
        }
        String label = layout().label(call.functions().getFirst());
        return label.substring(0, label.length() - gap().length());
    }

    /// What binds an answer.
    ///
    /// @param call that it must or may be
    /// @throws ApiException if a schema cannot be followed
    default Optional<TextConstraint> constraint(FunctionCall call) {
        try {
            return call.required() ? Optional.of(demand(call)) : choice(call);
        } catch (InputException mistake) {
            throw ApiException.invalid("tools: " + mistake.getMessage(), "tools");
        }
    }

    private TextConstraint demand(FunctionCall call) {
        Map<String, JsonForm> labelled = new LinkedHashMap<>();
        call.functions().forEach(function -> labelled.put(labelBehindOpening(call, function), function.form()));
        return TextConstraint.labelledJson(labelled).writing(tokens());
    }

    private String labelBehindOpening(FunctionCall call, Function function) {
        return call.isNamed() ? gap() : function.name() + layout().between();
    }

    /// Tells apart what an answer is.
    ///
    /// @param call that it must or may be
    default AnswerParser parser(FunctionCall call) {
        if (!call.required()) {
            return choiceParser(call);
        }
        Map<String, String> labels = new LinkedHashMap<>();
        call.functions().forEach(function -> labels.put(labelBehindOpening(call, function), function.name()));
        return LabelledCallParser.ofCall(labels);
    }

    /// The schemas of functions by how their calls begin.
    ///
    /// @param from which character of the beginning on
    default Map<String, JsonForm> labelled(FunctionCall call, int from) {
        Map<String, JsonForm> labelled = new LinkedHashMap<>();
        call.functions()
                .forEach(function -> labelled.put(layout().label(function).substring(from), function.form()));
        return labelled;
    }
}
