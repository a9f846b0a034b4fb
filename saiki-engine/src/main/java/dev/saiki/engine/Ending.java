package dev.saiki.engine;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Set;

/// What ends an answer before its tokens run out, and what must be written before that.
///
/// @param texts stop texts, which are not part of the answer
/// @param tokens ids that end the answer and are not part of it
/// @param endOfText whether the model may end the text itself
/// @param leastTokens fewest tokens of an answer. Before, neither the end of text nor one of `tokens` is drawn,
///     and no stop text is looked for: one that begins before is none
public record Ending(List<String> texts, Set<Integer> tokens, boolean endOfText, int leastTokens) {

    /// The model ends the text.
    public static final Ending OF_TEXT = new Ending(List.of(), Set.of(), true, 0);

    /// Nothing but the number of tokens.
    public static final Ending NONE = new Ending(List.of(), Set.of(), false, 0);

    private static final int MOST_STOPS = 16;

    /// Longest stop text, in characters: what may become one is held back and compared again at every token.
    private static final int LONGEST_STOP = 1000;

    private static final int MOST_TOKENS = 256;

    /// Checks every setting and keeps its own copies.
    ///
    /// @throws InputException naming the setting, what is allowed, and what was got
    public Ending {
        texts = List.copyOf(texts);
        tokens = Set.copyOf(tokens);
        if (texts.size() > MOST_STOPS || texts.stream().anyMatch(String::isEmpty)) {
            throw new InputException("stop must be at most " + MOST_STOPS + " texts, none of them empty, got " + texts);
        }
        texts.stream().filter(text -> text.length() > LONGEST_STOP).findFirst().ifPresent(text -> {
            throw new InputException(
                    "stop must be texts of at most " + LONGEST_STOP + " characters, got one of " + text.length());
        });
        if (tokens.size() > MOST_TOKENS) {
            throw new InputException(
                    "stop_token_ids must be at most " + MOST_TOKENS + " token ids, got " + tokens.size());
        }
        if (leastTokens < 0) {
            throw new InputException("min_tokens must be at least 0, got " + leastTokens);
        }
    }

    /// Replaces the stop texts.
    ///
    /// @param stops what ends the answer
    /// @return changed ending
    public Ending withTexts(List<String> stops) {
        return new Ending(stops, tokens, endOfText, leastTokens);
    }

    /// Replaces the tokens that end the answer.
    ///
    /// @param ids of them
    /// @return changed ending
    public Ending withTokens(Set<Integer> ids) {
        return new Ending(texts, ids, endOfText, leastTokens);
    }

    /// Replaces the fewest tokens of an answer.
    ///
    /// @param count how many, at least 0
    /// @return changed ending
    public Ending withLeastTokens(int count) {
        return new Ending(texts, tokens, endOfText, count);
    }
}
