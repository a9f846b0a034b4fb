package dev.saiki.cli.load;

/// The outcome of a request.
public sealed interface LoadOutcome {

    /// It was answered, as it should be.
    ///
    /// @param tokenNanos when each token came, by {@link System#nanoTime}; only the last if they came
    ///     together
    /// @param tokens how many were written
    /// @param recursions of all tokens, those of the prompt included
    /// @param processed all these tokens
    /// @param cached tokens of the prompt that were found in a cache
    @SuppressWarnings("ArrayRecordComponent") // Times are many, and nothing compares outcomes.
    record Answered(long[] tokenNanos, int tokens, long recursions, long processed, long cached)
            implements LoadOutcome {}

    /// The server said that it has too much to do, and when to come again.
    record Refused() implements LoadOutcome {}

    /// Anything else, of which there should be none.
    ///
    /// @param problem what happened
    record Failed(String problem) implements LoadOutcome {}
}
