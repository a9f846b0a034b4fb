package dev.saiki.text.chat;

/// The speaker of a turn.
public enum ChatRole {
    /// The instructions to the model.
    SYSTEM,
    /// The person or program that the model answers.
    USER,
    /// The model.
    ASSISTANT,
    /// A tool, which returns the result of a call.
    TOOL
}
