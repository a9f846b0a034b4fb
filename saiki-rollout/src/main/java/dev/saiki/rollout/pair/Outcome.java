package dev.saiki.rollout.pair;

import java.time.Duration;
import java.util.Optional;

/// The result of a request to one side.
public sealed interface Outcome {

    /// Returns the time to the first byte of the answer, or to the failure.
    ///
    /// @return the time since the request was sent
    Duration firstByte();

    /// Returns the total time.
    ///
    /// @return the time since the request was sent
    Duration total();

    /// An answer that a client can use.
    ///
    /// @param isCutOff whether the answer ended because it had its maximum length
    /// @param hasThoughts whether the side thought before it answered; it may count the tokens of its thoughts
    /// @param text the text of the answer
    /// @param toolCalls the tool calls, one per line, with arguments in canonical form; empty if there are none
    /// @param promptTokens length of the prompt as reported by the side; 0 if not reported
    /// @param completionTokens length of the answer as reported by the side; 0 if not reported
    /// @param firstByte time to the first byte
    /// @param total time to the last byte
    /// @param recursions the depth of the answer; empty if the side does not report it
    record Answered(
            boolean isCutOff,
            boolean hasThoughts,
            String text,
            String toolCalls,
            long promptTokens,
            long completionTokens,
            Duration firstByte,
            Duration total,
            Optional<Recursions> recursions)
            implements Outcome {

        /// Returns the text to compare, including tool calls.
        ///
        /// @return the text, followed by the tool calls, if any
        public String comparable() {
            return toolCalls.isEmpty() ? text : text + "\n" + toolCalls;
        }
    }

    /// An answer that a client cannot use, or none.
    ///
    /// @param fault what is wrong
    /// @param reason the cause in a few words
    /// @param firstByte time to the first byte of the answer, or to the failure
    /// @param total time to the failure
    record Failed(Fault fault, String reason, Duration firstByte, Duration total) implements Outcome {}
}
