package dev.saiki.chat.answer;

import java.util.List;

/// A reader of the calls behind one mark, of which more may still be written.
@FunctionalInterface
interface WrittenCallReader {

    /// A finding behind a mark.
    sealed interface Found {

        /// The beginning of something that cannot be told yet.
        record Open() implements Found {}

        /// A text that only looks like calls: the mark is a part of it.
        record None() implements Found {}

        /// Calls that are whole.
        ///
        /// @param calls at least one
        /// @param end the place behind them
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
    /// @param text all that was written behind the mark
    /// @param ended whether nothing follows any more
    Found read(CharSequence text, boolean ended);
}
