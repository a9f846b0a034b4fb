package dev.saiki.engine;

import dev.saiki.engine.sampling.TokenLogprob;
import java.util.List;

/// A generated token, or a repeated token of the prompt.
///
/// @param position index in the sequence, the prompt counted
/// @param id the token
/// @param text the code points that it completes, as far as no stop string can begin in them; may be empty
/// @param logprob natural-log probability under the model's own distribution, before any setting; NaN for the first
///     token of a prompt
/// @param depth recursions spent on predicting it: those of the token before it; 0 for the first token of a prompt
/// @param alternatives the likeliest tokens in its place, likeliest first, as many as were asked for
public record Token(int position, int id, String text, double logprob, int depth, List<TokenLogprob> alternatives) {

    /// Keeps its own copy of the list.
    public Token {
        alternatives = List.copyOf(alternatives);
    }
}
