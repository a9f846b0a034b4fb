package dev.saiki.chat.tool;

import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The tools that an answer may call, and whether it must call one.
///
/// An answer that must be a call is constrained to the form in which the model writes calls, and the arguments to
/// the tool's schema, so that even a model never trained on tools writes a valid call. Such an answer has a single
/// call, regardless of `parallel`.
///
/// @param tools at least one tool; names must differ
/// @param required whether the answer must be a call
/// @param parallel whether an answer may have several calls; otherwise calls after the first are dropped
public record ToolChoice(List<Tool> tools, boolean required, boolean parallel) {

    /// Copies the list of tools.
    ///
    /// @throws InputException if two tools have the same name
    public ToolChoice {
        tools = List.copyOf(tools);
        if (tools.stream().map(Tool::name).distinct().count() < tools.size()) {
            throw new InputException("tools must have different names");
        }
    }

    /// Tells whether the name of the tool is known before the answer begins.
    ///
    /// @return whether a single tool must be called
    public boolean isNamed() {
        return required && tools.size() == 1;
    }

    /// Tells whether the whole schema of at least one tool must be enforced.
    ///
    /// @return whether a tool is strict
    public boolean isStrict() {
        return tools.stream().anyMatch(Tool::strict);
    }

    /// Tells whether there is a tool with a given name.
    ///
    /// @param name the name that a model wrote
    /// @return whether the tool may be called
    public boolean knows(String name) {
        return tools.stream().anyMatch(tool -> tool.name().equals(name));
    }

    /// Maps the tools.
    ///
    /// @param <T> the type of the map's values
    /// @param key maps a tool to its key
    /// @param value maps a tool to its value
    /// @return values by key, in the order of the tools
    public <T> Map<String, T> by(Function<Tool, String> key, Function<Tool, T> value) {
        Map<String, T> values = new LinkedHashMap<>();
        tools.forEach(tool -> values.put(key.apply(tool), value.apply(tool)));
        return values;
    }
}
