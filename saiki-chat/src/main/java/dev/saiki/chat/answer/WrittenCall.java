package dev.saiki.chat.answer;

import dev.saiki.chat.tool.CallJson;
import dev.saiki.chat.tool.ToolChoice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// A call as a model wrote it.
///
/// @param name the function's name
/// @param arguments a JSON object, exactly as the model wrote it; incomplete if the answer was truncated inside it
public record WrittenCall(String name, String arguments) {

    private static final String NAME = "name";

    /// The names of the arguments' field in various model families; models confuse these names.
    private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters");

    /// Reads an object with a name and arguments.
    ///
    /// @param json the text, expected to be a call
    /// @param call the available functions
    /// @return the call, if the text is a valid call
    static Optional<WrittenCall> read(String json, ToolChoice call) {
        Optional<JsonNode> read = CallJson.read(json);
        String name = read.map(written -> written.path(NAME).stringValue("")).orElse("");
        List<String> fields = ARGUMENTS.stream()
                .filter(field -> read.filter(written -> written.has(field)).isPresent())
                .toList();
        boolean isCall = fields.size() == 1
                && call.knows(name)
                && read.orElseThrow().path(fields.getFirst()).isObject();
        return isCall
                ? Optional.of(new WrittenCall(name, CallJson.written(json, fields.getFirst())))
                : Optional.empty();
    }

    /// Reads arguments that are separate from the name.
    ///
    /// @param name the text expected to be a function's name
    /// @param json the text, expected to be an object
    /// @param call the available functions
    static Optional<WrittenCall> of(String name, String json, ToolChoice call) {
        boolean isCall = call.knows(name)
                && CallJson.read(json).filter(JsonNode::isObject).isPresent();
        return isCall ? Optional.of(new WrittenCall(name, json)) : Optional.empty();
    }

    /// The call in pieces.
    List<AnswerPiece> pieces() {
        return List.of(new AnswerPiece.CallBegun(name), new AnswerPiece.Arguments(arguments));
    }
}
