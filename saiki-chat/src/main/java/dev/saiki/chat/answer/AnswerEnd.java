package dev.saiki.chat.answer;

/// The reason why an answer ended.
public enum AnswerEnd {
    /// The model ended its turn, or a stop text was generated.
    STOP,
    /// The answer reached the token limit; a call may be truncated.
    LENGTH,
    /// The model called tools.
    TOOL_CALLS
}
