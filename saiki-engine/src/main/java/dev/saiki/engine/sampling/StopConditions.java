package dev.saiki.engine.sampling;

import dev.saiki.io.InputException;
import java.util.List;
import java.util.Set;

/// The conditions that end an answer before its token limit, and the minimum length from which they apply.
///
/// @param texts stop strings, which are not part of the answer
/// @param tokens ids of stop tokens, which are not part of the answer
/// @param endOfText whether the model may end the answer by an end-of-text token
/// @param minTokens minimum number of tokens of an answer. As long as the answer is shorter, the end of text and
///     `tokens` are masked; a stop string that begins within these first tokens is ignored
public record StopConditions(List<String> texts, Set<Integer> tokens, boolean endOfText, int minTokens) {

    /// The conditions under which only the model ends the text.
    public static final StopConditions OF_TEXT = new StopConditions(List.of(), Set.of(), true, 0);

    /// The conditions under which only the token limit ends the answer.
    public static final StopConditions NONE = new StopConditions(List.of(), Set.of(), false, 0);

    private static final int MAX_STOPS = 16;

    /// The maximum length of a stop string, in characters. The length is limited because text that may become a
    /// stop string is held back and compared again at every token.
    private static final int LONGEST_STOP = 1000;

    private static final int MAX_TOKENS = 256;

    /// Checks every setting and makes defensive copies.
    ///
    /// @throws InputException naming the setting, the allowed values, and the given value
    public StopConditions {
        texts = List.copyOf(texts);
        tokens = Set.copyOf(tokens);
        if (texts.size() > MAX_STOPS || texts.stream().anyMatch(String::isEmpty)) {
            throw new InputException("stop must be at most " + MAX_STOPS + " texts, none of them empty, got " + texts);
        }
        texts.stream().filter(text -> text.length() > LONGEST_STOP).findFirst().ifPresent(text -> {
            throw new InputException(
                    "stop must be texts of at most " + LONGEST_STOP + " characters, got " + text.length());
        });
        InputException.require(
                tokens.size() <= MAX_TOKENS, "stop_token_ids", "at most " + MAX_TOKENS + " token ids", tokens.size());
        InputException.requireAtLeast("min_tokens", minTokens, 0);
    }

    /// Starts from conditions under which only the model ends the text.
    ///
    /// @return a builder of {@link #OF_TEXT}
    public static Builder builder() {
        return OF_TEXT.toBuilder();
    }

    /// Starts from these conditions.
    ///
    /// @return a builder with the same values
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.texts = texts;
        builder.tokens = tokens;
        builder.endOfText = endOfText;
        builder.minTokens = minTokens;
        return builder;
    }

    /// A builder of conditions, which checks them when it builds them.
    public static final class Builder {

        private List<String> texts = List.of();
        private Set<Integer> tokens = Set.of();
        private boolean endOfText;
        private int minTokens;

        private Builder() {}

        /// Sets the stop strings.
        ///
        /// @param texts strings that end the answer and are not part of it
        /// @return this builder
        public Builder texts(List<String> texts) {
            this.texts = texts;
            return this;
        }

        /// Sets the tokens that end the answer.
        ///
        /// @param tokens ids of the tokens
        /// @return this builder
        public Builder tokens(Set<Integer> tokens) {
            this.tokens = tokens;
            return this;
        }

        /// Sets the minimum number of tokens of an answer.
        ///
        /// @param minTokens minimum number of tokens, at least 0
        /// @return this builder
        public Builder minTokens(int minTokens) {
            this.minTokens = minTokens;
            return this;
        }

        /// Checks and builds the stop conditions.
        ///
        /// @return the stop conditions
        /// @throws InputException naming the setting, the allowed values, and the given value
        public StopConditions build() {
            return new StopConditions(texts, tokens, endOfText, minTokens);
        }
    }
}
