package dev.saiki.chat.answer;

import java.util.List;

/// A reader of the calls behind one mark, while more may be written.
@FunctionalInterface
interface WrittenCallReader {

    /// What was found behind a mark.
    sealed interface Found {

        /// A beginning that may still become a call.
        record Open() implements Found {}

        /// Text that only looks like a call: the mark belongs to it.
        record None() implements Found {}

        /// Complete calls.
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
