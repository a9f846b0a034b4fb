package dev.saiki.cli.load;

/// A target of a load. Thread-safe.
public interface LoadTarget {

    /// Sends a request and waits for its answer.
    ///
    /// @param request what to ask
    /// @return what became of it
    LoadOutcome ask(LoadRequest request);
}
