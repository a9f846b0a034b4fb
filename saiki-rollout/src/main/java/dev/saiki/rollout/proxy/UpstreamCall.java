package dev.saiki.rollout.proxy;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.pool.LaxConnPool;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.util.TimeValue;

/// The use of a connection for one request and its answer. A call ends once: by timeout, by a disconnected client,
/// or when the answer has been read. Later attempts to end the call have no effect, since another call may already
/// use the connection.
final class UpstreamCall {

    /// The maximum interval between checks of the deadline. The interval is short, so that a finished call soon
    /// leaves the queue of deadlines.
    private static final Duration LOOK = Duration.ofSeconds(1);

    /// The maximum idle time, which is below that of servers: they close idle connections after about a minute.
    private static final TimeValue IDLE = TimeValue.ofSeconds(30);

    private final PoolEntry<HttpHost, UpstreamConnection> place;
    private final LaxConnPool<HttpHost, UpstreamConnection> pool;
    private final ScheduledExecutorService deadlines;
    private final AtomicReference<State> state = new AtomicReference<>(State.UNDER_WAY);
    private volatile long end;
    private volatile boolean isHeld;
    private volatile long nextLook;
    private Optional<ScheduledFuture<?>> scheduled = Optional.empty();

    private enum State {
        UNDER_WAY,
        LATE,
        OVER
    }

    /// Starts a call.
    ///
    /// @param place the connection's place in the pool
    /// @param time initial time limit
    UpstreamCall(
            PoolEntry<HttpHost, UpstreamConnection> place,
            LaxConnPool<HttpHost, UpstreamConnection> pool,
            Duration time,
            ScheduledExecutorService deadlines) {
        this.place = place;
        this.pool = pool;
        this.deadlines = deadlines;
        this.end = System.nanoTime() + time.toNanos();
        look();
    }

    /// Sets a new time limit, counted from now.
    void endsIn(Duration time) {
        end = System.nanoTime() + time.toNanos();
        isHeld = false;
        if (end - nextLook < 0) {
            look();
        }
    }

    /// Stops the clock until the next time limit is set.
    void hold() {
        isHeld = true;
    }

    private synchronized void look() {
        scheduled.ifPresent(look -> look.cancel(false));
        if (state.get() != State.UNDER_WAY) {
            return;
        }
        long left = isHeld ? LOOK.toNanos() : end - System.nanoTime();
        if (left > 0) {
            long delay = Math.min(left, LOOK.toNanos());
            nextLook = System.nanoTime() + delay;
            scheduled = Optional.of(deadlines.schedule(this::look, delay, TimeUnit.NANOSECONDS));
        } else if (state.compareAndSet(State.UNDER_WAY, State.LATE)) {
            pool.release(place, false);
        }
    }

    /// Whether the call is still under way.
    boolean isUnderWay() {
        return state.get() == State.UNDER_WAY;
    }

    /// Whether the call ended by timeout.
    boolean isLate() {
        return state.get() == State.LATE;
    }

    /// Ends the call and closes the connection.
    void end() {
        if (state.compareAndSet(State.UNDER_WAY, State.OVER)) {
            pool.release(place, false);
        }
    }

    /// Ends the call and keeps the connection open for reuse, if the call has not ended yet.
    void release() {
        if (state.compareAndSet(State.UNDER_WAY, State.OVER)) {
            place.updateExpiry(IDLE);
            pool.release(place, true);
        }
    }
}
