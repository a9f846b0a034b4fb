package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import java.util.Optional;

/// The syntax of the answers to a request: whether they may contain thoughts and calls, and in which form.
///
/// @param call the tools that an answer must or may call
/// @param form the form in which the model writes calls
/// @param thinking whether an answer begins with thoughts, and where the thoughts begin
public record AnswerSyntax(Optional<ToolChoice> call, CallForm form, Thinking thinking) {

    /// The possible places where an answer's thoughts begin.
    public enum Thinking {
        /// No text counts as thoughts.
        NONE,
        /// The answer may begin with the mark that opens thoughts.
        POSSIBLE,
        /// The prompt ends with the mark that opens thoughts.
        BEGUN
    }

    /// Returns the constraint on an answer, if calls require a constraint.
    ///
    /// @throws dev.saiki.io.InputException if a schema cannot be enforced
    public Optional<TextConstraint> constraint() {
        return call.flatMap(form::constraint);
    }

    /// The part of an answer that the prompt already contains; may be empty.
    public String opening() {
        return call.filter(ToolChoice::required).map(form::opening).orElse("");
    }

    /// Returns this syntax for an answer after a prompt that may open thoughts.
    ///
    /// @param begun whether the prompt ends with the mark that opens thoughts
    public AnswerSyntax behind(boolean begun) {
        return begun && thinking == Thinking.POSSIBLE ? new AnswerSyntax(call, form, Thinking.BEGUN) : this;
    }

    /// Whether an answer must be a call.
    public boolean mustCall() {
        return call.filter(ToolChoice::required).isPresent();
    }

    /// Whether an answer can only be text.
    public boolean isPlain() {
        return call.isEmpty() && thinking == Thinking.NONE;
    }

    /// Starts parsing an answer.
    public AnswerReading reading() {
        AnswerParser parser = call.map(form::parser).orElseGet(WordsParser::new);
        return new AnswerReading(
                switch (thinking) {
                    case NONE -> parser;
                    case POSSIBLE -> new ThinkingParser(parser, false);
                    case BEGUN -> new ThinkingParser(parser, true);
                });
    }
}
