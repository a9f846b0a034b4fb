package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import java.util.List;

/// A generated token, or a prompt token that the answer repeats.
///
/// @param position index in the sequence, including the prompt
/// @param id the token
/// @param text the characters that the token completes, except those that might begin a stop string; may be empty
/// @param logprob natural-log probability under the model's own distribution, before any sampling setting; NaN for
///     the first token of a prompt
/// @param depth number of recursions spent on predicting the token, that is, the depth of the previous token;
///     0 for the first token of a prompt
/// @param alternatives the likeliest tokens at this position, as many as requested, likeliest first
public record Token(int position, int id, String text, double logprob, int depth, List<TokenLogprob> alternatives) {

    /// Makes a defensive copy of the list.
    public Token {
        alternatives = List.copyOf(alternatives);
    }
}
