package dev.saiki.chat.answer;

import java.util.List;

/// An incremental parser that splits one answer into pieces.
public interface AnswerParser {

    /// Processes the next characters.
    ///
    /// @param text the next characters, may be empty
    /// @return the pieces that are now certain, from this and from held-back text
    List<AnswerPiece> take(String text);

    /// Nothing follows any more.
    ///
    /// @return the pieces that were held back
    List<AnswerPiece> end();
}
