package dev.saiki.text.chat;

/// A speaker's role in a conversation.
public enum ChatRole {
    /// Who says how to answer.
    SYSTEM,
    /// Who is answered.
    USER,
    /// The model.
    ASSISTANT,
    /// A function, whose result is told to the model.
    TOOL
}
