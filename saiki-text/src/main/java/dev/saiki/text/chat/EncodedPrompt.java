package dev.saiki.text.chat;

/// A prompt as token ids and as text.
///
/// @param ids the tokens, not empty
/// @param text the same prompt as text
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares prompts.
public record EncodedPrompt(int[] ids, String text) {}
