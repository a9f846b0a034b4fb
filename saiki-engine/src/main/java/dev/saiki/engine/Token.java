package dev.saiki.engine;

/// A token that was written.
///
/// @param position index in the sequence, the prompt counted
/// @param id the token
/// @param text the code points that it completes, as far as no stop string can begin in them; may be empty
/// @param logprob natural-log probability under the model's own distribution, before any setting
/// @param depth recursions spent on predicting it: those of the token before it
public record Token(int position, int id, String text, double logprob, int depth) {}
