package dev.saiki.eval.tasks;

/// A context with a continuation to score.
///
/// @param context what stands before, possibly empty
/// @param continuation what would follow, white space at its start included
public record ContinuationPrompt(String context, String continuation) {}
