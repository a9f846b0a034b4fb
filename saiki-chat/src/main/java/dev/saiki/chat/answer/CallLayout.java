package dev.saiki.chat.answer;

import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import java.util.Map;

/// The texts around the name and the arguments of a call.
///
/// @param before the text before the name
/// @param between the text between name and arguments
/// @param after the text after the arguments
public record CallLayout(String before, String between, String after) {

    /// The beginning of a call, up to its arguments.
    String label(Tool function) {
        return before + function.name() + between;
    }

    /// The names of functions by the text that begins their calls.
    Map<String, String> labels(ToolChoice call) {
        return call.by(this::label, Tool::name);
    }
}
