package dev.saiki.eval.chat;

/// An answer that a model generated.
///
/// @param text without thoughts, as a server gives it
/// @param isEnded whether the model ended it, and not the number of tokens that it was given
public record WrittenAnswer(String text, boolean isEnded) {}
