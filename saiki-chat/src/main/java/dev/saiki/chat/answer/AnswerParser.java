package dev.saiki.chat.answer;

import java.util.List;

/// An incremental parser that splits one answer into pieces.
public interface AnswerParser {

    /// Processes the next characters.
    ///
    /// @param text the next characters, may be empty
    /// @return the pieces that are now certain, including earlier text that was held back until now
    List<AnswerPiece> take(String text);

    /// Ends the answer, after which no text follows.
    ///
    /// @return the pieces that were held back
    List<AnswerPiece> end();
}
