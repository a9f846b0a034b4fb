package dev.saiki.chat.answer;

/// A piece of an answer: thoughts, text, or part of a call.
public sealed interface AnswerPiece {

    /// The next characters of the model's thoughts.
    record Thought(String text) implements AnswerPiece {}

    /// The next characters of the answer.
    record Words(String text) implements AnswerPiece {}

    /// The beginning of a call.
    ///
    /// @param name the function's name
    record CallBegun(String name) implements AnswerPiece {}

    /// The next characters of the arguments of the latest call.
    record Arguments(String json) implements AnswerPiece {}
}
