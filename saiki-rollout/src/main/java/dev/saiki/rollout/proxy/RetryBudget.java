package dev.saiki.rollout.proxy;

import java.util.function.LongSupplier;

/// The budget of requests in which the baseline takes the candidate's place, so that a failing candidate cannot double
/// the baseline's load: a share of all requests, and one a second. As in Finagle and Linkerd, requests earn the budget
/// and fallbacks spend it; Envoy limits the share of requests under way, which falls with the failures themselves.
///
/// Thread-safe.
final class RetryBudget {

    /// The largest number of fallbacks that can be saved up.
    private static final double MOST = 10;

    private static final double NANOS = 1e9;

    private final double share;
    private final LongSupplier clock;
    private double saved = MOST;
    private long since;

    /// @param share the share of requests that may fall back
    /// @param clock the clock in nanoseconds, such as {@link System#nanoTime}
    RetryBudget(double share, LongSupplier clock) {
        this.share = share;
        this.clock = clock;
        this.since = clock.getAsLong();
    }

    /// Adds what one request and the time since the last one earn.
    synchronized void earn() {
        long now = clock.getAsLong();
        saved = Math.min(MOST, saved + share + (now - since) / NANOS);
        since = now;
    }

    /// Counts a request that is to fall back.
    ///
    /// @return whether the budget allows it
    synchronized boolean spend() {
        earn();
        boolean isAllowed = saved >= 1;
        saved -= isAllowed ? 1 : 0;
        return isAllowed;
    }
}
