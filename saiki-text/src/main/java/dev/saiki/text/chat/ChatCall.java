package dev.saiki.text.chat;

import java.util.Optional;

/// A tool call in a conversation.
///
/// @param id the identifier that links the call to its result
/// @param name the tool's name
/// @param arguments JSON text
public record ChatCall(Optional<String> id, String name, String arguments) {}
