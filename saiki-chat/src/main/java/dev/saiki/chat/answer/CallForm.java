package dev.saiki.chat.answer;

import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.JsonForm;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.io.InputException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A form in which a model writes tool calls.
///
/// If the answer must be a call, the prompt already contains the call's beginning: the part of the form before the
/// function's name, or before its arguments if the function is fixed. The rest of the answer is constrained. If
/// the answer may be a call, Saiki's own form ({@link PlainCalls}) constrains it once a call has begun. The other
/// forms do so only if a function is `strict`; otherwise the answer is only parsed.
public sealed interface CallForm permits PlainCalls, TaggedCalls, BareCalls, BracketedCalls {

    /// The texts around the name and the arguments.
    CallLayout layout();

    /// The added tokens that the form may contain.
    Set<String> tokens();

    /// The constraint on an answer that may be a call.
    Optional<TextConstraint> choice(ToolChoice call);

    /// The parser of an answer that may be a call.
    AnswerParser choiceParser(ToolChoice call);

    /// The id of a call in the format required by the checkpoint's template.
    ///
    /// @param id the client's id
    default String idInTemplate(String id) {
        return id;
    }

    /// The white space before the arguments; the model generates it, because tokens often begin with white
    /// space.
    default String gap() {
        String between = layout().between();
        return between.substring(between.stripTrailing().length());
    }

    /// The beginning of an answer that must be a call.
    default String opening(ToolChoice call) {
        if (!call.isNamed()) {
            return layout().before();
        }
        String label = layout().label(call.tools().getFirst());
        return label.substring(0, label.length() - gap().length());
    }

    /// The constraint on an answer.
    ///
    /// @param call the tools that the answer must or may call
    /// @throws InputException if a schema cannot be enforced
    default Optional<TextConstraint> constraint(ToolChoice call) {
        try {
            return call.required() ? Optional.of(demand(call)) : choice(call);
        } catch (InputException mistake) {
            throw new InputException("tools: " + mistake.getMessage(), mistake);
        }
    }

    private TextConstraint demand(ToolChoice call) {
        return TextConstraint.labelledJson(call.by(tool -> labelBehindOpening(call, tool), Tool::form))
                .writing(tokens());
    }

    private String labelBehindOpening(ToolChoice call, Tool function) {
        return call.isNamed() ? gap() : function.name() + layout().between();
    }

    /// The parser of an answer.
    ///
    /// @param call the tools that the answer must or may call
    default AnswerParser parser(ToolChoice call) {
        return call.required()
                ? LabelledCallParser.ofCall(call.by(tool -> labelBehindOpening(call, tool), Tool::name))
                : choiceParser(call);
    }

    /// The schemas of functions by the text that begins their calls.
    ///
    /// @param from number of characters to drop from the beginning of each text
    default Map<String, JsonForm> labelled(ToolChoice call, int from) {
        return call.by(tool -> layout().label(tool).substring(from), Tool::form);
    }
}
