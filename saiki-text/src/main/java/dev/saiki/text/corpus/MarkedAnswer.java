package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.util.List;

/// A part of a text that answers a question in it, and how hard the question is.
///
/// @param start index of its first character, in UTF-16 units as Java and JavaScript count
/// @param end index after its last character
/// @param difficulty number of steps that depend on one another, from 1
public record MarkedAnswer(int start, int end, int difficulty) {

    /// Checks the values.
    ///
    /// @throws InputException if the answer is empty, begins before the text, or has a difficulty below 1
    public MarkedAnswer {
        if (start < 0 || end <= start) {
            throw InputException.of(
                    "a marked answer", "its place", "start from 0, and end after it", start + " to " + end);
        }
        InputException.requireAtLeast("a marked answer: difficulty", difficulty, 1);
    }

    /// Returns the same answer in a text that begins earlier or later.
    ///
    /// @param by number of characters by which the answer moves to the right; may be negative
    /// @return the moved answer
    public MarkedAnswer movedBy(int by) {
        return new MarkedAnswer(start + by, end + by, difficulty);
    }

    /// Checks the answers of a text.
    ///
    /// @param answers the answers in the order of the text
    /// @param length number of characters of the text
    /// @throws InputException if an answer ends after the text, or begins before the end of the one before it
    public static void check(List<MarkedAnswer> answers, int length) {
        int end = 0;
        for (MarkedAnswer answer : answers) {
            if (answer.start() < end || answer.end() > length) {
                throw InputException.of(
                        "a marked answer",
                        "its place",
                        "from " + end + " to " + length + ", after the answer before it",
                        answer.start() + " to " + answer.end());
            }
            end = answer.end();
        }
    }
}
