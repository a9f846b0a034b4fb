package dev.saiki.text.problem;

import dev.saiki.text.corpus.MarkedAnswer;
import java.util.List;

/// A text in which answers are marked, a line of a problem file.
///
/// @param text the text
/// @param markedAnswers the answers in the order of the text
public record MarkedText(String text, List<MarkedAnswer> markedAnswers) {

    /// Checks the answers and keeps its own copy.
    ///
    /// @throws dev.saiki.io.InputException if answers overlap or lie outside the text
    public MarkedText {
        markedAnswers = List.copyOf(markedAnswers);
        MarkedAnswer.check(markedAnswers, text.length());
    }
}
