package dev.saiki.server.generation;

import java.util.EnumSet;
import java.util.Set;

/// An optional part of an answer, or a mode in which an answer is delivered.
public enum AnswerPart {
    /// The log-probability of each token.
    LOGPROBS,
    /// The prompt, before the generated text.
    PROMPT,
    /// The depth of each token.
    DEPTHS,
    /// The token ids of the prompt and the answer.
    TOKEN_IDS,
    /// The answer is streamed as events.
    STREAM,
    /// The last event of a stream reports the usage.
    STREAM_USAGE;

    /// Whether the tokens of a prompt are reported, in addition to its text.
    public static boolean reportPrompt(Set<AnswerPart> parts) {
        return parts.contains(PROMPT) && (parts.contains(LOGPROBS) || parts.contains(DEPTHS));
    }

    /// A set of only this part if the part is wanted; otherwise an empty set.
    public Set<AnswerPart> when(boolean wanted) {
        return wanted ? EnumSet.of(this) : EnumSet.noneOf(AnswerPart.class);
    }
}
