package dev.saiki.engine;

import dev.saiki.engine.RouterHealth.Problem;
import dev.saiki.engine.RouterHealth.State;
import java.time.Duration;
import java.util.Optional;

/// The state of a circuit breaker, either for all requests or for the requests of one owner: closed, open or
/// half-open.
final class BreakerSwitch {

    private final Optional<String> owner;
    private final BreakerLog log;
    private State state = State.CLOSED;
    private Optional<Problem> reason = Optional.empty();
    private long openedNanos;

    /// Makes a closed switch.
    ///
    /// @param owner the owner whose requests the switch applies to; empty if it applies to all requests
    /// @param log the log of the state changes
    BreakerSwitch(Optional<String> owner, BreakerLog log) {
        this.owner = owner;
        this.log = log;
    }

    State state() {
        return state;
    }

    /// Why the breaker is not closed.
    Optional<Problem> reason() {
        return reason;
    }

    void open(Problem problem, String detail, long now) {
        openedNanos = now;
        reason = Optional.of(problem);
        enter(State.OPEN, detail);
    }

    /// Updates the state for the current time: after the cool-down, an open breaker becomes half-open.
    ///
    /// @return whether the breaker has just become half-open
    boolean tick(long now, Duration coolDown) {
        if (state != State.OPEN || now - openedNanos < coolDown.toNanos()) {
            return false;
        }
        enter(State.HALF_OPEN, "the router is evaluated again but not followed yet");
        return true;
    }

    void close(String detail) {
        reason = Optional.empty();
        enter(State.CLOSED, detail);
    }

    private void enter(State next, String detail) {
        state = next;
        log.add(owner, next, reason, detail);
    }
}
