package dev.saiki.chat.answer;

/// A piece of an answer: thought, words, or part of a call.
public sealed interface AnswerPiece {

    /// The next characters of what the model thinks before it answers.
    record Thought(String text) implements AnswerPiece {}

    /// The next characters of the answer.
    record Words(String text) implements AnswerPiece {}

    /// The beginning of a call.
    ///
    /// @param name of the function
    record CallBegun(String name) implements AnswerPiece {}

    /// The next characters of the arguments of the call that was begun last.
    record Arguments(String json) implements AnswerPiece {}
}
