package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import java.util.List;

/// A generated token, or a repeated token of the prompt.
///
/// @param position index in the sequence, prompt included
/// @param id the token
/// @param text the code points that it completes, up to where a stop string might begin; may be empty
/// @param logprob natural-log probability under the model's own distribution, before any sampling setting; NaN for
///     the first token of a prompt
/// @param depth recursions spent on predicting it, which are those of the token before it; 0 for the first token
///     of a prompt
/// @param alternatives the requested number of likeliest tokens at its position, likeliest first
public record Token(int position, int id, String text, double logprob, int depth, List<TokenLogprob> alternatives) {

    /// Makes a defensive copy of the list.
    public Token {
        alternatives = List.copyOf(alternatives);
    }
}
