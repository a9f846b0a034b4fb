package dev.saiki.server.metrics;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.RouterHealth;
import dev.saiki.engine.RouterHealth.State;
import dev.saiki.engine.RouterHealth.Transition;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A monitor that samples an engine each second, logs changes of the router's circuit breaker, and keeps the
/// last hour of samples.
public final class EngineMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EngineMonitor.class);

    private final ServerMetrics metrics;
    private final Clock clock;
    private final RouterHistory history = new RouterHistory();
    private final ActivityHistory activity = new ActivityHistory();
    private final Map<Long, Instant> times = new HashMap<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-watch").factory());
    private volatile Engine engine;
    private long numSeen;

    /// Creates a monitor that does not sample yet.
    ///
    /// @param engine the engine to monitor
    /// @param metrics the metrics, which supply the cost of requests
    /// @param clock the clock that gives the time of each sample
    public EngineMonitor(Engine engine, ServerMetrics metrics, Clock clock) {
        this.engine = engine;
        this.metrics = metrics;
        this.clock = clock;
    }

    /// Starts to sample.
    public void start() {
        long look = ActivityHistory.INTERVAL.toMillis();
        ScheduledFuture<?> _ = scheduler.scheduleAtFixedRate(this::look, look, look, TimeUnit.MILLISECONDS);
        long sample = RouterHistory.INTERVAL.toMillis();
        ScheduledFuture<?> _ = scheduler.scheduleAtFixedRate(this::sample, 0, sample, TimeUnit.MILLISECONDS);
    }

    /// Monitors another engine from now on.
    ///
    /// @param next the engine
    public void attach(Engine next) {
        // Skips the engine's earlier changes, which were logged when the engine was served before.
        long seen = next.statistics().router().transitions().stream()
                .mapToLong(Transition::number)
                .max()
                .orElse(0);
        synchronized (this) {
            engine = next;
            numSeen = seen;
            times.clear();
        }
    }

    void look() {
        Engine asked = engine;
        EngineStatistics statistics = asked.statistics();
        log(asked, statistics.router().transitions());
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        activity.add(ActivityHistory.Sample.of(now, statistics, asked.sequences(), metrics.answered()));
    }

    private synchronized void log(Engine asked, List<Transition> transitions) {
        if (asked != engine) {
            return;
        }
        for (Transition transition : transitions) {
            if (transition.number() > numSeen) {
                numSeen = transition.number();
                times.put(transition.number(), clock.instant());
                log(transition);
            }
        }
    }

    private static void log(Transition transition) {
        String whom = transition
                .owner()
                .map(owner -> owner.isEmpty() ? "" : " for the key " + owner)
                .orElse(" for all keys");
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

    /// Reads the router's current state.
    ///
    /// @return the state of the router
    public RouterHealth health() {
        return engine.statistics().router();
    }

    /// Returns the history of the router.
    ///
    /// @return the last hour
    public RouterHistory history() {
        return history;
    }

    /// Returns the history of the activity.
    ///
    /// @return the last hour
    public ActivityHistory activity() {
        return activity;
    }

    /// Returns the time of a change of the circuit breaker.
    ///
    /// @param transition a change of the circuit breaker of the served engine
    /// @return the time of the change, recorded at most a second late; empty if the change was not observed
    public synchronized Optional<Instant> timeOf(Transition transition) {
        return Optional.ofNullable(times.get(transition.number()));
    }

    /// Stops sampling.
    @Override
    public void close() {
        scheduler.shutdownNow();
    }
}
