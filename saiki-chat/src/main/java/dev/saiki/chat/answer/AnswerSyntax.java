package dev.saiki.chat.answer;

import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.constraint.TextConstraint;
import java.util.Optional;

/// The syntax of the answers to a request: whether they may have thoughts and calls, and in which form.
///
/// @param call that an answer must or may be
/// @param form in which the model writes calls
/// @param thinking whether an answer begins with thoughts
public record AnswerSyntax(Optional<ToolChoice> call, CallForm form, Thinking thinking) {

    /// The place where an answer's thoughts may begin.
    public enum Thinking {
        /// Nothing is taken for thoughts.
        NONE,
        /// The answer may begin with the mark of thoughts.
        POSSIBLE,
        /// The prompt ends with that mark.
        BEGUN
    }

    /// What binds an answer, if calls do.
    ///
    /// @throws dev.saiki.io.InputException if a schema cannot be followed
    public Optional<TextConstraint> constraint() {
        return call.flatMap(form::constraint);
    }

    /// How an answer begins before the model goes on with it; may be empty.
    public String opening() {
        return call.filter(ToolChoice::required).map(form::opening).orElse("");
    }

    /// The same behind a prompt.
    ///
    /// @param begun whether the prompt ends with the mark of thoughts
    public AnswerSyntax behind(boolean begun) {
        return begun && thinking == Thinking.POSSIBLE ? new AnswerSyntax(call, form, Thinking.BEGUN) : this;
    }

    /// Whether an answer must be a call.
    public boolean mustCall() {
        return call.filter(ToolChoice::required).isPresent();
    }

    /// Whether an answer can be nothing but words.
    public boolean isPlain() {
        return call.isEmpty() && thinking == Thinking.NONE;
    }

    /// Begins to read an answer.
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
