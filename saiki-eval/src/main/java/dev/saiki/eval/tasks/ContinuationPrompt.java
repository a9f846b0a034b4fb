package dev.saiki.eval.tasks;

/// A context with a continuation to score.
///
/// @param context the text before the continuation, possibly empty
/// @param continuation the text to score, including whitespace at its start
public record ContinuationPrompt(String context, String continuation) {}
