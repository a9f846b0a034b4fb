package dev.saiki.text.corpus;

import java.util.List;

/// One whole text in a corpus: a file, a record, a work.
///
/// @param name the document's origin, for messages and reports; not necessarily unique
/// @param text the text
/// @param answers the marked answers in the text, in its order; usually none
public record Document(String name, String text, List<MarkedAnswer> answers) {

    /// Checks the answers and keeps its own copy.
    ///
    /// @throws dev.saiki.io.InputException if answers overlap or lie outside the text
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
}
