package dev.saiki.rollout.course;

import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.DatabaseLocation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread of a rollout, the only one that uses its database. It wakes for events, and when the course expects
/// something. In between it only makes sure that no other gateway has changed the state: a SQLite file belongs to one
/// gateway, so it is not read at all; of PostgreSQL one number is read without a lock. A poll, unlike a notification,
/// shows also that the database still answers.
///
/// Thread-safe.
final class CourseThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CourseThread.class);

    private static final String GONE = "the database cannot be reached; meanwhile, the baseline answers all requests";

    /// The time in which events gather, to be stored together.
    static final Duration GATHERED = Duration.ofMillis(50);

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

    /// The age at which the state counts as stale because another gateway may have changed it.
    private static final Duration STALE = Duration.ofSeconds(5);

    private static final Duration BETWEEN_CONNECTS = Duration.ofMillis(500);
    private static final Duration CALL = Duration.ofSeconds(10);

    private final DatabaseLocation location;
    private final Journal database;
    private final RolloutCourse course;
    private final WaitingEvents events;
    private final Notifier notifier;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("saiki-rollout").factory(), new ThreadPoolExecutor.DiscardPolicy());

    private @Nullable Future<?> expected;
    private long connectedNanos;
    private int lostBefore;

    /// The secret of the database; null until the database has been reached.
    private volatile @Nullable String secret;

    private volatile boolean up;
    private volatile long updatedNanos = System.nanoTime();

    private CourseThread(
            DatabaseLocation location,
            Journal database,
            RolloutCourse course,
            WaitingEvents events,
            Notifier notifier) {
        this.location = location;
        this.database = database;
        this.course = course;
        this.events = events;
        this.notifier = notifier;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRemoveOnCancelPolicy(true);
    }

    /// Loads the course, if its database can be reached, and starts.
    static CourseThread start(
            DatabaseLocation location, Journal database, RolloutCourse course, WaitingEvents events, Notifier notifier)
            throws SQLException {
        CourseThread started = new CourseThread(location, database, course, events, notifier);
        if (database.isMade()) {
            started.begin();
            started.up = true;
        } else {
            LOG.error("{} cannot be reached; meanwhile, the baseline answers all requests", location);
        }
        started.wakeIn(Duration.ZERO);
        long looks = BETWEEN_LOOKS.toMillis();
        ScheduledFuture<?> _ =
                started.thread.scheduleWithFixedDelay(started::look, looks, looks, TimeUnit.MILLISECONDS);
        return started;
    }

    private void begin() throws SQLException {
        String kept = database.secret();
        course.begin();
        secret = kept;
        updatedNanos = System.nanoTime();
    }

    /// The secret in hexadecimal.
    ///
    /// @throws DatabaseGoneException if the database was never reached
    String secret() {
        String known = secret;
        if (known == null) {
            throw gone();
        }
        return known;
    }

    /// Whether events are stored and the state is current.
    boolean isUp() {
        return up && isFresh(STALE);
    }

    private boolean isFresh(Duration age) {
        return System.nanoTime() - updatedNanos < age.toNanos();
    }

    /// Adds an event, and wakes the thread once others have gathered.
    void offer(RolloutEvent event) {
        events.offer(event);
        if (isWoken.compareAndSet(false, true)) {
            ScheduledFuture<?> _ = thread.schedule(this::round, GATHERED.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void wakeIn(Duration time) {
        if (expected != null) {
            expected.cancel(false);
        }
        expected = thread.schedule(this::round, Math.max(0, time.toMillis()), TimeUnit.MILLISECONDS);
    }

    /// Makes sure that the state is current if nothing else has for a while.
    private void look() {
        if (!up || isFresh(BETWEEN_LOOKS.dividedBy(2))) {
            return;
        }
        try {
            if (course.isCurrent()) {
                updatedNanos = System.nanoTime();
            } else {
                round();
            }
        } catch (SQLException e) {
            fail(e);
        }
    }

    private void fail(SQLException failure) {
        if (up) {
            LOG.error("{}: {}", GONE, failure.getMessage());
            notifier.alarm(GONE);
        }
        up = false;
        wakeIn(BETWEEN_CONNECTS);
    }

    private void round() {
        isWoken.set(false);
        if (events.lost() != lostBefore) {
            lostBefore = events.lost();
            course.disownOpenConversations();
        }
        if (!up && System.nanoTime() - connectedNanos < BETWEEN_CONNECTS.toNanos()) {
            wakeIn(BETWEEN_CONNECTS);
            return;
        }
        connectedNanos = System.nanoTime();
        try {
            if (!up) {
                database.connect();
            }
            if (secret == null) {
                begin();
            }
            course.round(events.take());
            events.markWritten();
            updatedNanos = System.nanoTime();
            if (!up) {
                LOG.info("{} stores the rollout's state again", location);
            }
            up = true;
            wakeIn(course.patience());
        } catch (SQLException e) {
            fail(e);
        } catch (RuntimeException e) {
            LOG.error("the rollout's update failed; meanwhile, the baseline answers all requests", e);
            up = false;
            events.discard();
            wakeIn(BETWEEN_CONNECTS);
        }
    }

    /// Looks again at what is due, after a change that was no event. Only within {@link #call}.
    void wake() {
        wakeIn(Duration.ZERO);
    }

    /// Processes all waiting events, and fails if they cannot be stored. Only within {@link #call}.
    void flush() {
        round();
        if (!up) {
            throw gone();
        }
    }

    /// Does a piece of work on this thread, and waits for it.
    ///
    /// @throws DatabaseGoneException if the database fails or does not answer in time
    <T> T call(Callable<T> work) {
        try {
            return thread.submit(work).get(CALL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (TimeoutException e) {
            LOG.warn("the database does not answer in time", e);
            throw gone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case InputException mistake -> mistake;
            case DatabaseGoneException gone -> gone;
            case SQLException failed -> {
                LOG.warn("the database failed", failed);
                yield gone();
            }
            case null, default -> new IllegalStateException("the rollout failed", cause);
        };
    }

    private static DatabaseGoneException gone() {
        return new DatabaseGoneException(
                "the gateway's database cannot be reached; meanwhile, the baseline answers all requests");
    }

    /// Stores the waiting events, and stops.
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (thread.awaitTermination(CALL.toMillis(), TimeUnit.MILLISECONDS)) {
                round();
                course.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.debug("could not tell the other gateways that this one stops", e);
        }
        database.close();
    }
}
