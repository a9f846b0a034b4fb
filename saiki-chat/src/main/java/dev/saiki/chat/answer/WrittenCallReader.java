package dev.saiki.chat.answer;

import java.util.List;

/// An incremental reader of the calls after one mark.
@FunctionalInterface
interface WrittenCallReader {

    /// The result of reading the text after a mark.
    sealed interface Found {

        /// A beginning that may still become a call.
        record Open() implements Found {}

        /// The text is not a call; the mark is then part of the text.
        record None() implements Found {}

        /// Complete calls.
        ///
        /// @param calls at least one
        /// @param end the index after the calls
        record Calls(List<WrittenCall> calls, int end) implements Found {
            public Calls {
                calls = List.copyOf(calls);
            }
        }
    }

    Found OPEN = new Found.Open();
    Found NONE = new Found.None();

    /// Looks for calls.
    ///
    /// @param text everything after the mark so far
    /// @param ended whether the text is complete
    Found read(CharSequence text, boolean ended);
}
