package dev.saiki.cli.load;

/// The outcome of a request.
public sealed interface LoadOutcome {

    /// The request was answered as expected.
    ///
    /// @param tokenNanos arrival times of the tokens, by {@link System#nanoTime}; only the last time if they
    ///     arrived together
    /// @param tokens number of generated tokens
    /// @param recursions number of recursions summed over all tokens, including those of the prompt
    /// @param processed number of tokens over which recursions are summed
    /// @param cached number of the prompt's tokens that were found in a cache
    @SuppressWarnings("ArrayRecordComponent") // Times are many, and nothing compares outcomes.
    record Answered(long[] tokenNanos, int tokens, long recursions, long processed, long cached)
            implements LoadOutcome {}

    /// The server was overloaded and said when to retry.
    record Refused() implements LoadOutcome {}

    /// Any other result, which should not occur.
    ///
    /// @param problem description of the failure
    record Failed(String problem) implements LoadOutcome {}
}
