package dev.saiki.study;

/// A request to stop, forwarded to the work in progress, whichever of the two comes first. Thread-safe.
public final class StopRequest {

    private volatile boolean requested;
    private volatile Runnable work = () -> {};

    /// Creates a request that nobody has made yet.
    public StopRequest() {}

    /// Makes the request.
    public void request() {
        requested = true;
        work.run();
    }

    /// Tells whether a stop was requested.
    ///
    /// @return true after {@link #request}
    public boolean isRequested() {
        return requested;
    }

    /// Sets the work to stop.
    ///
    /// @param stopWork stops the work; called at once if the request was made already
    public void forwardTo(Runnable stopWork) {
        work = stopWork;
        if (requested) {
            stopWork.run();
        }
    }
}
