package dev.saiki.eval;

/// A token that a model wrote.
///
/// @param position index in the sequence, the prompt counted
/// @param id the token
/// @param text the code points that it completes; empty while one is unfinished
/// @param logprob natural-log probability under the model's own distribution, before temperature and filters
/// @param depth recursions spent on predicting it: those of the token before it, `depths[position - 1]` in a score
///     of the whole sequence
public record GeneratedToken(int position, int id, String text, double logprob, int depth) {}
