package dev.saiki.chat.answer;

/// The reason why an answer ended.
public enum AnswerEnd {
    /// The model ended its turn, a stop text was generated, or the answer was cut off before the token limit.
    STOP,
    /// The answer reached the token limit; a call may be truncated.
    LENGTH,
    /// The model called tools.
    TOOL_CALLS
}
