package dev.saiki.chat.answer;

/// The reason why an answer ended.
public enum AnswerEnd {
    /// The model was done, or a stop text came.
    STOP,
    /// The longest answer that was allowed is written; a call may be cut off.
    LENGTH,
    /// The model called tools.
    TOOL_CALLS
}
