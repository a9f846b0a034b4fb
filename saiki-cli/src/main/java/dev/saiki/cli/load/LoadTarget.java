package dev.saiki.cli.load;

/// A target of a load. Thread-safe.
public interface LoadTarget {

    /// Sends a request and waits for its answer.
    ///
    /// @param request the request to send
    /// @return the outcome
    LoadOutcome ask(LoadRequest request);
}
