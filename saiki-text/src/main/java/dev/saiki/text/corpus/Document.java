package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.util.List;

/// One whole text in a corpus: a file, a record, a work.
///
/// @param name the document's origin, for messages and reports; not necessarily unique
/// @param text the text
/// @param answers the marked answers in the text, in its order; usually none
public record Document(String name, String text, List<MarkedAnswer> answers) {

    /// Checks the answers and keeps its own copy.
    ///
    /// @throws InputException if answers overlap or lie outside the text
    public Document {
        answers = List.copyOf(answers);
        MarkedAnswer.check(answers, text.length());
    }

    /// Makes a document without marked answers.
    ///
    /// @param name its origin
    /// @param text the text
    public Document(String name, String text) {
        this(name, text, List.of());
    }

    /// The document with another text.
    ///
    /// @param newText the text
    /// @return the document
    /// @throws InputException if answers are marked, since they are marked by their places in the text
    public Document withText(String newText) {
        if (newText.equals(text)) {
            return this;
        }
        InputException.require(
                answers.isEmpty(), name, "a document whose text is changed", "without marked answers", answers.size());
        return new Document(name, newText);
    }
}
