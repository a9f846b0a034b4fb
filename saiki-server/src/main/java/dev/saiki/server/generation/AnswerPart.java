package dev.saiki.server.generation;

import java.util.EnumSet;
import java.util.Set;

/// What an answer has beside its text, or how it comes, if the request asks for it.
public enum AnswerPart {
    /// The log-probability of each token.
    LOGPROBS,
    /// Its prompt, before what was written.
    PROMPT,
    /// The depth of each token.
    DEPTHS,
    /// The ids of the prompt's and the answer's tokens.
    TOKEN_IDS,
    /// It comes in pieces.
    PIECES,
    /// The last piece says what it cost.
    USAGE_PIECE;

    /// The set of this part, or of none.
    public Set<AnswerPart> when(boolean wanted) {
        return wanted ? EnumSet.of(this) : EnumSet.noneOf(AnswerPart.class);
    }
}
