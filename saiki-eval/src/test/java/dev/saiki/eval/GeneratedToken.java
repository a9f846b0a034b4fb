package dev.saiki.eval;

/// A generated token.
///
/// @param position the index in the sequence, including the prompt
/// @param id the token
/// @param text the code points that the token completes; empty while a code point is incomplete
/// @param logprob natural-log probability under the model's own distribution, before temperature and filters
/// @param depth the number of recursions that predicted the token: those of the preceding token,
///     `depths[position - 1]` in a score of the whole sequence
public record GeneratedToken(int position, int id, String text, double logprob, int depth) {}
