package dev.saiki.eval;

import java.util.List;
import java.util.stream.Collectors;

/// The continuation of a prompt.
///
/// @param promptTokens tokens in the prompt
/// @param tokens the tokens written, without the end-of-text token that may have ended them
/// @param stop why it ended
public record Generation(int promptTokens, List<GeneratedToken> tokens, Stop stop) {

    /// Keeps its own copy of the list.
    public Generation {
        tokens = List.copyOf(tokens);
    }

    /// Why a generation ended.
    public enum Stop {
        /// The model ended the text.
        END_OF_TEXT,
        /// The wanted number of tokens was written.
        MAX_TOKENS
    }

    /// Returns the text written, without the prompt; a code point left unfinished at the end is left out.
    ///
    /// @return the text
    public String text() {
        return tokens.stream().map(GeneratedToken::text).collect(Collectors.joining());
    }

    /// Returns the mean number of recursions spent on a token.
    ///
    /// @return mean depth; NaN if nothing was written
    public double meanDepth() {
        return tokens.stream().mapToInt(GeneratedToken::depth).average().orElse(Double.NaN);
    }
}
