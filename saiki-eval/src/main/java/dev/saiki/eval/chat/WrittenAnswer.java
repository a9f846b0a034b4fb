package dev.saiki.eval.chat;

/// An answer that a model generated.
///
/// @param text the text without reasoning, as a server returns it
/// @param isEnded whether the model, rather than the token limit, ended the answer
public record WrittenAnswer(String text, boolean isEnded) {}
