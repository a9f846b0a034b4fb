package dev.saiki.rollout.pair;

import java.time.Duration;
import java.util.Optional;

/// The result of a request to one side.
public sealed interface Outcome {

    /// Returns the time it took to the first byte of the answer, or to the failure.
    ///
    /// @return from when the request was sent
    Duration firstByte();

    /// Returns the time it took in all.
    ///
    /// @return from when the request was sent
    Duration total();

    /// An answer.
    ///
    /// @param text what was written
    /// @param toolCalls the calls of tools, one a line, with arguments in one fixed form; empty if there are none
    /// @param promptTokens length of the prompt as the side says; 0 if it does not
    /// @param completionTokens length of the answer as the side says; 0 if it does not
    /// @param firstByte time to the first byte
    /// @param total time to the last byte
    /// @param recursions the depth; empty if the side does not say it
    record Answered(
            String text,
            String toolCalls,
            long promptTokens,
            long completionTokens,
            Duration firstByte,
            Duration total,
            Optional<Recursions> recursions)
            implements Outcome {

        /// Makes an answer of a side that does not say its depth.
        ///
        /// @param text what was written
        /// @param toolCalls the calls of tools
        /// @param promptTokens length of the prompt
        /// @param completionTokens length of the answer
        /// @param firstByte time to the first byte
        /// @param total time to the last byte
        public Answered(
                String text,
                String toolCalls,
                long promptTokens,
                long completionTokens,
                Duration firstByte,
                Duration total) {
            this(text, toolCalls, promptTokens, completionTokens, firstByte, total, Optional.empty());
        }

        /// Returns what is compared: text and calls of tools.
        ///
        /// @return the text, and behind it the calls, if there are any
        public String comparable() {
            return toolCalls.isEmpty() ? text : text + "\n" + toolCalls;
        }
    }

    /// An error, a timeout, or an answer that broke off.
    ///
    /// @param reason in a few words
    /// @param firstByte time to the failure
    /// @param total time to the failure
    record Failed(String reason, Duration firstByte, Duration total) implements Outcome {}
}
