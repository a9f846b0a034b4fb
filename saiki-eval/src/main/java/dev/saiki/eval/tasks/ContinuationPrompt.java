package dev.saiki.eval.tasks;

/// A question to a model: how likely is it that a text goes on in a certain way?
///
/// @param context what stands before, possibly empty
/// @param continuation what would follow, white space at its start included
public record ContinuationPrompt(String context, String continuation) {}
