package dev.saiki.text.chat;

/// A turn of a conversation: who said what.
///
/// @param role who
/// @param content what, in words; may be empty
public record ChatTurn(ChatRole role, String content) {}
