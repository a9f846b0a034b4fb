package dev.saiki.chat;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.text.chat.ChatTurn;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A request for the next turn of a conversation.
///
/// @param turns the turns of the conversation, at least one
/// @param tools the tools that the answer may or must call
/// @param form the form required of the answer; cannot be combined with tools
/// @param maxTokens the maximum length of the answer; empty for the rest of the model's context
/// @param stops the texts that end the answer and are not part of it
public record AnswerRequest(
        List<ChatTurn> turns,
        Optional<ToolChoice> tools,
        Optional<TextConstraint> form,
        OptionalInt maxTokens,
        List<String> stops) {

    /// Copies the mutable components.
    public AnswerRequest {
        turns = List.copyOf(turns);
        stops = List.copyOf(stops);
    }
}
