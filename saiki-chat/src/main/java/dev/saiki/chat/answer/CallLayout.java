package dev.saiki.chat.answer;

import dev.saiki.chat.tool.Tool;
import dev.saiki.chat.tool.ToolChoice;
import java.util.LinkedHashMap;
import java.util.Map;

/// The texts around the name and the arguments of a call.
///
/// @param before the name
/// @param between name and arguments
/// @param after the arguments
public record CallLayout(String before, String between, String after) {

    /// How a call begins, up to its arguments.
    String label(Tool function) {
        return before + function.name() + between;
    }

    /// Names of functions by how their calls begin.
    Map<String, String> labels(ToolChoice call) {
        Map<String, String> labels = new LinkedHashMap<>();
        call.tools().forEach(function -> labels.put(label(function), function.name()));
        return labels;
    }
}
