package dev.saiki.server.generation;

import java.util.EnumSet;
import java.util.Set;

/// An optional part of an answer, or a way to deliver it.
public enum AnswerPart {
    /// The log-probability of each token.
    LOGPROBS,
    /// Its prompt, before what was written.
    PROMPT,
    /// The depth of each token.
    DEPTHS,
    /// The ids of the prompt's and the answer's tokens.
    TOKEN_IDS,
    /// It comes as a stream of events.
    STREAM,
    /// The last event of a stream says what it cost.
    STREAM_USAGE;

    /// Whether the tokens of a prompt are reported, not only its text.
    public static boolean reportPrompt(Set<AnswerPart> parts) {
        return parts.contains(PROMPT) && (parts.contains(LOGPROBS) || parts.contains(DEPTHS));
    }

    /// The set of this part, or of none.
    public Set<AnswerPart> when(boolean wanted) {
        return wanted ? EnumSet.of(this) : EnumSet.noneOf(AnswerPart.class);
    }
}
