package dev.saiki.text.chat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// One turn of a conversation: text, tool calls, or the result of a call.
///
/// @param role the speaker
/// @param content the text; may be empty
/// @param thought the model's reasoning before the answer
/// @param calls tool calls, with or without text
/// @param answered the id of the call whose result this turn is
public record ChatTurn(
        ChatRole role, String content, Optional<String> thought, List<ChatCall> calls, Optional<String> answered) {

    /// Copies the list of calls.
    public ChatTurn {
        calls = List.copyOf(calls);
    }

    /// Creates a turn of text.
    ///
    /// @param role the speaker
    /// @param content the text; may be empty
    /// @return the turn
    public static ChatTurn of(ChatRole role, String content) {
        return new ChatTurn(role, content, Optional.empty(), List.of(), Optional.empty());
    }

    /// Creates an assistant turn.
    ///
    /// @param content the text; may be empty
    /// @param thought the reasoning before the answer; may be empty
    /// @param calls the tool calls
    /// @return the turn
    public static ChatTurn ofModel(String content, String thought, List<ChatCall> calls) {
        return new ChatTurn(
                ChatRole.ASSISTANT,
                content,
                Optional.of(thought).filter(text -> !text.isEmpty()),
                calls,
                Optional.empty());
    }

    /// Creates a turn with the result of a call.
    ///
    /// @param content the result
    /// @param id the id of the call
    /// @return the turn
    public static ChatTurn ofResult(String content, Optional<String> id) {
        return new ChatTurn(ChatRole.TOOL, content, Optional.empty(), List.of(), id);
    }

    /// Returns the turn as plain text, for formats without a notation for calls.
    ///
    /// @return the text, and each call on a line of its own
    public String text() {
        String called =
                calls.stream().map(call -> call.name() + " " + call.arguments()).collect(Collectors.joining("\n"));
        return content.isEmpty() || called.isEmpty() ? content + called : content + "\n" + called;
    }
}
