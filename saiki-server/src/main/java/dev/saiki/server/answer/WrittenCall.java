package dev.saiki.server.answer;

import dev.saiki.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A call as a model has written it.
///
/// @param name of a function
/// @param arguments a JSON object, in the model's own characters
public record WrittenCall(String name, String arguments) {

    private static final String NAME = "name";

    /// What families call the arguments. Models mix them up.
    private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters");

    /// Reads an object with a name and arguments.
    ///
    /// @param json what should be one
    /// @param call the functions that there are
    /// @return the call, if it is one of them
    static Optional<WrittenCall> read(String json, FunctionCall call) {
        try {
            JsonNode written = Json.read(json.getBytes(StandardCharsets.UTF_8));
            String name = written.path(NAME).stringValue("");
            List<String> fields = ARGUMENTS.stream().filter(written::has).toList();
            if (fields.size() != 1
                    || !call.knows(name)
                    || !written.path(fields.getFirst()).isObject()) {
                return Optional.empty();
            }
            return Optional.of(new WrittenCall(name, Json.written(json, fields.getFirst())));
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
    }

    /// Reads arguments that stand by themselves.
    ///
    /// @param name of what should be a function
    /// @param json what should be an object
    /// @param call the functions that there are
    static Optional<WrittenCall> of(String name, String json, FunctionCall call) {
        try {
            boolean isCall = call.knows(name)
                    && Json.read(json.getBytes(StandardCharsets.UTF_8)).isObject();
            return isCall ? Optional.of(new WrittenCall(name, json)) : Optional.empty();
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
    }

    /// The call in pieces.
    List<AnswerPiece> pieces() {
        return List.of(new AnswerPiece.CallBegun(name), new AnswerPiece.Arguments(arguments));
    }
}
