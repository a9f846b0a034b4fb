package dev.saiki.eval.chat;

/// An answer that a model generated.
///
/// @param text the text without reasoning, as a server returns it
/// @param isEnded whether the model ended the answer, not the token limit
public record WrittenAnswer(String text, boolean isEnded) {}
