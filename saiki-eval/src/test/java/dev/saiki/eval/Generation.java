package dev.saiki.eval;

import java.util.List;
import java.util.stream.Collectors;

/// The continuation of a prompt.
///
/// @param promptTokens the number of tokens in the prompt
/// @param tokens the generated tokens, without the end-of-text token that may have ended them
/// @param stop the reason for the end
public record Generation(int promptTokens, List<GeneratedToken> tokens, Stop stop) {

    /// Keeps its own copy of the list.
    public Generation {
        tokens = List.copyOf(tokens);
    }

    /// The reason for a generation's end.
    public enum Stop {
        /// The model ended the text.
        END_OF_TEXT,
        /// The maximum number of tokens was generated.
        MAX_TOKENS
    }

    /// Returns the generated text, without the prompt and without an incomplete code point at the end.
    ///
    /// @return the text
    public String text() {
        return tokens.stream().map(GeneratedToken::text).collect(Collectors.joining());
    }

    /// Returns the mean number of recursions per token.
    ///
    /// @return the mean depth; NaN if nothing was generated
    public double meanDepth() {
        return tokens.stream().mapToInt(GeneratedToken::depth).average().orElse(Double.NaN);
    }
}
