package dev.saiki.server.metrics;

import dev.saiki.engine.Engine;
import dev.saiki.engine.RouterHealth;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.RouterHealth.Transition;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A look at an engine once a second, which says in the log when its router's circuit breaker moves, and remembers
/// the last hour.
public final class EngineMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EngineMonitor.class);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    private final Clock clock;
    private final RouterHistory history = new RouterHistory();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-watch").factory());
    private volatile Engine engine;
    private long numSeen;

    /// Watches nothing yet.
    ///
    /// @param engine to look at
    /// @param clock tells the time of samples
    public EngineMonitor(Engine engine, Clock clock) {
        this.engine = engine;
        this.clock = clock;
    }

    /// Begins to look.
    public void start() {
        long look = LOOK_INTERVAL.toMillis();
        ScheduledFuture<?> _ = looks.scheduleAtFixedRate(this::look, look, look, TimeUnit.MILLISECONDS);
        long sample = RouterHistory.INTERVAL.toMillis();
        ScheduledFuture<?> _ = looks.scheduleAtFixedRate(this::sample, 0, sample, TimeUnit.MILLISECONDS);
    }

    /// Looks at another engine from now on.
    ///
    /// @param next the engine
    public void attach(Engine next) {
        // What it did before, while it was served the first time, was said then.
        long said = next.statistics().router().transitions().stream()
                .mapToLong(Transition::number)
                .max()
                .orElse(0);
        synchronized (this) {
            engine = next;
            numSeen = said;
        }
    }

    void look() {
        Engine asked = engine;
        say(asked, asked.statistics().router().transitions());
    }

    private synchronized void say(Engine asked, List<Transition> transitions) {
        if (asked != engine) {
            return;
        }
        for (Transition transition : transitions) {
            if (transition.number() > numSeen) {
                numSeen = transition.number();
                say(transition);
            }
        }
    }

    private static void say(Transition transition) {
        String whom = transition
                .owner()
                .map(owner -> owner.isEmpty() ? "" : " for the key " + owner)
                .orElse(" for all");
        if (transition.state() == State.OPEN) {
            LOG.warn(
                    "the router's circuit breaker is open{} ({}): {}; every token takes the reference depth",
                    whom,
                    transition.reason().map(Enum::name).orElse(""),
                    transition.detail());
        } else {
            LOG.warn("the router's circuit breaker is {}{}: {}", transition.state(), whom, transition.detail());
        }
    }

    private void sample() {
        history.add(RouterHistory.Sample.of(engine.statistics(), clock.instant()));
    }

    /// Asks the engine now.
    ///
    /// @return how its router is doing
    public RouterHealth health() {
        return engine.statistics().router();
    }

    /// Returns what is remembered.
    ///
    /// @return the last hour
    public RouterHistory history() {
        return history;
    }

    /// Looks no more.
    @Override
    public void close() {
        looks.shutdownNow();
    }
}
