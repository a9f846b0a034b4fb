package dev.saiki.cli.load;

/// An answerer of requests, which a load is directed at. Safe for any number of threads.
public interface LoadTarget {

    /// Asks, and waits for the answer.
    ///
    /// @param request what to ask
    /// @return what became of it
    LoadOutcome ask(LoadRequest request);
}
