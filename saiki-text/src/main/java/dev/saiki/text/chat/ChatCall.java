package dev.saiki.text.chat;

import java.util.Optional;

/// A call of a tool in a conversation.
///
/// @param id by which the result refers to the call
/// @param name of the tool
/// @param arguments JSON text
public record ChatCall(Optional<String> id, String name, String arguments) {}
