package dev.saiki.rollout.course;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// A rollout: its position, and the evidence that moves it. One thread writes position and evidence to the
/// database. Requests read the position and queue events.
///
/// Thread-safe.
public final class Rollout implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    private static final Duration ROUND = Duration.ofMillis(50);
    private static final Duration CALL = Duration.ofSeconds(10);

    private static final int ATTEMPTS = 5;
    private static final int MAX_HISTORY = 500;
    private static final int SECRET_BYTES = 32;

    /// The age at which the position counts as stale because another gateway may have changed it.
    private static final Duration STALE = Duration.ofSeconds(5);

    private static final Duration BETWEEN_CONNECTS = Duration.ofMillis(500);
    private static final String SECRET = "secret";

    private final Clock clock;
    private final Journal database;
    private final RolloutCourse course;
    private final Notifier notifier;
    private final WaitingEvents events;
    private long connectedNanos;
    private int lostBefore;

    /// The secret in hexadecimal; null until the database has been reached.
    private volatile @Nullable String secret;

    private volatile boolean up;
    private volatile long updatedNanos = System.nanoTime();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-rollout").factory());

    private Rollout(GatewayPlan plan, Clock clock, Journal database) {
        this.clock = clock;
        this.database = database;
        this.events = new WaitingEvents(plan.limits().mirroredBytes());
        this.notifier = new Notifier(plan.model(), plan.operations().notifications(), Notifier.PAUSE);
        this.course = new RolloutCourse(plan, clock, database, notifier);
    }

    private void begin() throws SQLException {
        String kept = secret(database);
        course.begin();
        secret = kept;
        updatedNanos = System.nanoTime();
    }

    private static String secret(Journal database) throws SQLException {
        byte[] made = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(made);
        return database.transact(() -> {
            Optional<String> found = Optional.ofNullable(database.meta().get(SECRET));
            if (found.isEmpty()) {
                database.setMeta(SECRET, HexFormat.of().formatHex(made));
            }
            return found.orElseGet(() -> HexFormat.of().formatHex(made));
        });
    }

    /// Resumes a rollout, or begins one.
    ///
    /// @param plan the plan of the rollout
    /// @param clock the clock for timestamps
    /// @return the rollout, to be closed
    /// @throws InputException if the rollout's database cannot be used
    public static Rollout open(GatewayPlan plan, Clock clock) {
        Journal database = Journal.open(plan.database());
        try {
            Rollout rollout = new Rollout(plan, clock, database);
            if (database.isMade()) {
                rollout.begin();
                rollout.up = true;
            } else {
                LOG.error("{} cannot be reached; meanwhile, the baseline answers all requests", plan.database());
            }
            ScheduledFuture<?> _ = rollout.thread.scheduleWithFixedDelay(
                    rollout::round, ROUND.toMillis(), ROUND.toMillis(), TimeUnit.MILLISECONDS);
            return rollout;
        } catch (SQLException e) {
            database.close();
            throw new InputException(plan.database() + ": cannot be used (" + e.getMessage() + ")", e);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /// Returns the position.
    ///
    /// @return the position, which decides who answers
    public Position position() {
        return course.position();
    }

    /// Tells whether events are stored and the position is current.
    ///
    /// @return false if the database is down or hangs; the baseline must then answer all requests
    public boolean databaseIsUp() {
        return up && System.nanoTime() - updatedNanos < STALE.toNanos();
    }

    /// Returns the secret that keys the hashes of conversations.
    ///
    /// @return the secret stored in the database
    /// @throws DatabaseGoneException if the database was never reached
    public byte[] secret() {
        String known = secret;
        if (known == null) {
            throw gone();
        }
        return HexFormat.of().parseHex(known);
    }

    /// Returns the number of events dropped because the queue was full.
    ///
    /// @return the number since the start
    public int lostEvents() {
        return events.lost();
    }

    /// Records that a request is compared.
    ///
    /// @param assigned the request's assignment
    public void assigned(RolloutEvent.Assigned assigned) {
        events.offer(assigned);
    }

    /// Records how a client's request ended.
    ///
    /// @param ended the end
    public void ended(RolloutEvent.Ended ended) {
        events.offer(ended);
    }

    /// Records that a request will not be compared, though it was assigned to be.
    ///
    /// @param withdrawn the request
    public void withdrawn(RolloutEvent.Withdrawn withdrawn) {
        events.offer(withdrawn);
    }

    /// Records a pair.
    ///
    /// @param pair the pair with the results of all gates
    public void compared(FinishedPair pair) {
        events.offer(new RolloutEvent.Compared(pair));
    }

    /// Records an answer delivered to a client.
    ///
    /// @param id the id by which the client may refer to the answer
    /// @param conversation the key of the answer's conversation
    /// @param side the side that wrote the answer
    public void given(String id, String conversation, Side side) {
        events.offer(new RolloutEvent.Delivered(id, conversation, side, clock.instant()));
    }

    /// Records a reading of the candidate's router.
    ///
    /// @param reading the reading of the router
    /// @param alarms the alarms that the reading raised
    public void routerRead(RouterReading reading, Set<RouterAlarm> alarms) {
        events.offer(new RolloutEvent.RouterRead(reading, alarms));
    }

    /// Records the checkpoint that a side serves. If it is another one than before, the evidence begins anew.
    ///
    /// @param side the side
    /// @param hash the hash of the checkpoint
    public void checkpointSeen(Side side, String hash) {
        events.offer(new RolloutEvent.CheckpointSeen(side, hash));
    }

    /// Records an answer about the level of a gate.
    ///
    /// @param run the run in which the question was asked
    /// @param gate the name of the gate
    /// @param reading the answer
    public void levelRead(long run, String gate, LevelReading reading) {
        events.offer(new RolloutEvent.LevelRead(run, gate, reading));
    }

    /// Returns the newest answers about levels.
    ///
    /// @return an array of objects
    public ArrayNode levels() {
        return course.levels();
    }

    /// Returns the alarms of the candidate's router.
    ///
    /// @return the alarms; empty if there are none, or if the router is not monitored
    public Set<RouterAlarm> alarms() {
        return course.alarms();
    }

    private void round() {
        if (events.lost() != lostBefore) {
            lostBefore = events.lost();
            course.disownOpenConversations();
        }
        List<RolloutEvent> waiting = events.take();
        if (!up && System.nanoTime() - connectedNanos < BETWEEN_CONNECTS.toNanos()) {
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
            course.round(waiting);
            events.markWritten();
            updatedNanos = System.nanoTime();
            if (!up) {
                LOG.info("the database can be reached again");
            }
            up = true;
        } catch (SQLException e) {
            if (up) {
                LOG.error(
                        "the database cannot be reached; meanwhile, the baseline answers all requests: {}",
                        e.getMessage());
                notifier.alarm("the database cannot be reached; meanwhile, the baseline answers all requests");
            }
            up = false;
        } catch (RuntimeException e) {
            LOG.error("the rollout's update failed", e);
            events.discard();
        }
    }

    /// Begins the next stage, or the first one if the rollout was aborted. If effort control is disabled, enables
    /// it instead.
    ///
    /// @param seen number of the run to end; the call fails if that run is no longer current because somebody
    ///     else has moved the rollout
    /// @param who the name of the operator
    /// @param reason the reason, in words
    /// @param forced whether to promote without sufficient evidence
    /// @return the new position
    /// @throws InputException if there is no next stage, the evidence is insufficient, or somebody else was faster
    /// @throws DatabaseGoneException if the move cannot be stored
    public Position promote(long seen, String who, String reason, boolean forced) {
        return move(() -> course.promote(seen, who, reason, forced));
    }

    private Position move(RolloutCourse.Change move) {
        return call(() -> {
            flush();
            move.make();
            return position();
        });
    }

    /// Processes all queued events, and fails if they cannot be stored.
    private void flush() {
        round();
        if (!up) {
            throw gone();
        }
    }

    private static DatabaseGoneException gone() {
        return new DatabaseGoneException(
                "the gateway's database cannot be reached; meanwhile, the baseline answers all requests");
    }

    /// Returns all traffic to the baseline. While the database cannot be reached, the baseline already answers all
    /// requests; the order is stored as soon as the database is back.
    ///
    /// @param who the name of the operator
    /// @param reason the reason in words
    /// @return the new position
    /// @throws DatabaseGoneException if the order is not stored yet
    public Position abort(String who, String reason) {
        return call(() -> {
            events.order(new RolloutEvent.Aborted(who, reason));
            flush();
            return position();
        });
    }

    /// Pauses the rollout or resumes it.
    ///
    /// @param who the name of the operator
    /// @param reason the reason in words
    /// @param paused true to pause, false to resume
    /// @return the new position
    public Position pause(String who, String reason, boolean paused) {
        return move(() -> course.pause(who, reason, paused));
    }

    /// Sets the candidate to its reference depth and discards the evidence, before the router's thresholds change.
    ///
    /// @param who the name of the operator
    /// @param reason the reason in words
    /// @return the new position
    public Position adjust(String who, String reason) {
        return move(() -> course.adjust(who, reason));
    }

    /// Records the result of an adjustment.
    ///
    /// @param who the name of the operator
    /// @param result the result in words
    /// @return the new position
    public Position adjusted(String who, String result) {
        return move(() -> course.adjusted(who, result));
    }

    /// Records a user's feedback on an answer.
    ///
    /// @param answer the id of the answer
    /// @param loss the loss, from 0 (good) to 1 (bad)
    /// @return whether the answer is known
    public boolean judge(String answer, double loss) {
        // Feedback may arrive before its answer is stored.
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            if (tryToJudge(answer, loss)) {
                return true;
            }
            LockSupport.parkNanos(ROUND.toNanos());
        }
        return tryToJudge(answer, loss);
    }

    private boolean tryToJudge(String answer, double loss) {
        return call(() -> {
            Optional<Journal.GivenAnswer> given = given(answer);
            // An answer from an earlier stage is no evidence about the current stage.
            given.filter(found -> !found.at().isBefore(position().since()))
                    .ifPresent(
                            found -> events.offer(new RolloutEvent.Judged(found.conversation(), found.side(), loss)));
            return given.isPresent();
        });
    }

    /// Finds the side that wrote an answer.
    ///
    /// @param answer the id of the answer
    /// @return the side, if the answer is known and the database is available
    public Optional<Side> sideOf(String answer) {
        try {
            return call(() -> given(answer).map(Journal.GivenAnswer::side));
        } catch (DatabaseGoneException e) {
            LOG.debug("cannot determine which side wrote an answer", e);
            return Optional.empty();
        }
    }

    private Optional<Journal.GivenAnswer> given(String answer) throws SQLException {
        flush();
        return database.answer(answer);
    }

    /// Removes all pairs of a tenant, and all pairs of a user.
    ///
    /// @param tenant the name of an API key
    /// @param user keyed hash of a user's name
    /// @return the number removed
    public int erase(String tenant, String user) {
        return call(() -> {
            flush();
            return database.storedPairs().erase(tenant, user);
        });
    }

    /// Lists the newest pairs.
    ///
    /// @param tenant the tenant whose pairs are listed; empty for all tenants
    /// @param max maximum number of pairs
    /// @return an array of objects
    public ArrayNode pairs(Optional<String> tenant, int max) {
        return call(() -> database.storedPairs().newest(tenant, max));
    }

    /// Lists the newest decisions.
    ///
    /// @param max maximum number of decisions
    /// @return an array of objects
    public ArrayNode decisions(int max) {
        return call(() -> database.decisions(max));
    }

    /// Lists the history of this run's evidence.
    ///
    /// @return an array of objects
    public ArrayNode history() {
        return call(() -> database.history(position().run(), MAX_HISTORY));
    }

    /// Returns the current evidence of all gates.
    ///
    /// @return an array of objects
    public ArrayNode evidence() {
        return course.evidence();
    }

    /// Lists what the next stage waits for.
    ///
    /// @return gates and slices in words; empty if the evidence allows the next stage
    public List<String> awaited() {
        return course.awaited();
    }

    /// Returns the users who send an implausible share of the conversations.
    ///
    /// @return that share by the keyed hash of the user's name
    public Map<String, Double> heavyUsers() {
        return course.heavyUsers();
    }

    /// Tells whether the evidence allows the next stage.
    ///
    /// @return whether the next stage may begin; false while a router alarm is active
    public boolean mayPromote() {
        return course.mayPromote();
    }

    private <T> T call(Callable<T> work) {
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

    /// Flushes the queue, and stops the rollout's work.
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
        notifier.close();
    }
}
