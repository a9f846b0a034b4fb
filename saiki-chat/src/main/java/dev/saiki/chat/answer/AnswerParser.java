package dev.saiki.chat.answer;

import java.util.List;

/// A parser that splits one answer into pieces while it is written.
public interface AnswerParser {

    /// Takes what was written next.
    ///
    /// @param text the next characters, may be empty
    /// @return what of it, and of what was held back, can be told
    List<AnswerPiece> take(String text);

    /// Nothing follows any more.
    ///
    /// @return what was held back
    List<AnswerPiece> end();
}
