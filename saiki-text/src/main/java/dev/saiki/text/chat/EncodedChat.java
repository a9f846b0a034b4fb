package dev.saiki.text.chat;

/// A conversation up to where the model goes on, as its tokens and as text.
///
/// @param ids its tokens, not empty
/// @param text the same as text
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares conversations.
public record EncodedChat(int[] ids, String text) {}
