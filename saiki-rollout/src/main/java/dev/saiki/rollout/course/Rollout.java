package dev.saiki.rollout.course;

import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// A rollout: its position, and the evidence that moves it. Requests read the position and queue events; one thread
/// stores them and decides.
///
/// Thread-safe.
public final class Rollout implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    private static final int TRIES = 5;
    private static final int MAX_HISTORY = 500;

    private final Journal database;
    private final RolloutCourse course;
    private final WaitingEvents events;
    private final Notifier notifier;
    private final CourseThread thread;

    private Rollout(GatewayPlan plan, Clock clock, Journal database) throws SQLException {
        this.database = database;
        this.events = new WaitingEvents(plan.limits().mirroredBytes());
        this.notifier = new Notifier(plan.model(), plan.operations().notifications(), Notifier.PAUSE);
        this.course = new RolloutCourse(plan, clock, database, notifier);
        this.thread = CourseThread.start(plan.database(), database, course, events, notifier);
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
            return new Rollout(plan, clock, database);
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

    /// Returns the state as of the last commit.
    ///
    /// @return position, evidence and alarms
    public CourseView view() {
        return course.view();
    }

    /// Tells whether events are stored and the position is current.
    ///
    /// @return false if the database is down or hangs; the baseline must then answer all requests
    public boolean databaseIsUp() {
        return thread.isUp();
    }

    /// Returns the secret that keys the hashes of conversations.
    ///
    /// @return the secret stored in the database
    /// @throws DatabaseGoneException if the database was never reached
    public byte[] secret() {
        return HexFormat.of().parseHex(thread.secret());
    }

    /// Returns the number of events dropped because the queue was full.
    ///
    /// @return the number since the start
    public int lostEvents() {
        return events.lost();
    }

    /// Records an event, to be stored soon.
    ///
    /// @param event the event
    public void record(RolloutEvent event) {
        thread.offer(event);
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

    private Position move(CourseState.Change move) {
        return thread.call(() -> {
            thread.flush();
            move.make();
            thread.wake();
            return position();
        });
    }

    /// Returns all traffic to the baseline. While the database cannot be reached, the baseline already answers all
    /// requests; the order is stored as soon as the database is back.
    ///
    /// @param who the name of the operator
    /// @param reason the reason in words
    /// @return the new position
    /// @throws DatabaseGoneException if the order is not stored yet
    public Position abort(String who, String reason) {
        return thread.call(() -> {
            events.order(new RolloutEvent.Aborted(who, reason));
            thread.flush();
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
        Optional<Journal.GivenAnswer> given = given(answer);
        // Feedback may arrive before its answer is recorded.
        for (int tries = 1; given.isEmpty() && tries < TRIES; tries++) {
            LockSupport.parkNanos(CourseThread.GATHERED.toNanos());
            given = given(answer);
        }
        // An answer from an earlier stage is no evidence about the current stage.
        given.filter(found -> !found.at().isBefore(position().since()))
                .ifPresent(found -> record(new RolloutEvent.Judged(found.conversation(), found.side(), loss)));
        return given.isPresent();
    }

    /// Finds the side that wrote an answer.
    ///
    /// @param answer the id of the answer
    /// @return the side, if the answer is known and the database is available
    public Optional<Side> sideOf(String answer) {
        try {
            return given(answer).map(Journal.GivenAnswer::side);
        } catch (DatabaseGoneException e) {
            LOG.debug("cannot determine which side wrote an answer", e);
            return Optional.empty();
        }
    }

    private Optional<Journal.GivenAnswer> given(String answer) {
        return thread.call(() -> {
            Optional<Journal.GivenAnswer> waiting = events.delivered(answer);
            return waiting.isPresent() ? waiting : database.answer(answer);
        });
    }

    /// Removes all pairs of a tenant, and all pairs of a user.
    ///
    /// @param tenant the name of an API key
    /// @param user keyed hash of a user's name
    /// @return the number removed
    public int erase(String tenant, String user) {
        return thread.call(() -> {
            thread.flush();
            return database.storedPairs().erase(tenant, user);
        });
    }

    /// Lists the newest pairs.
    ///
    /// @param tenant the tenant whose pairs are listed; empty for all tenants
    /// @param max maximum number of pairs
    /// @return an array of objects
    public ArrayNode pairs(Optional<String> tenant, int max) {
        return thread.call(() -> database.storedPairs().newest(tenant, max));
    }

    /// Lists the newest decisions.
    ///
    /// @param max maximum number of decisions
    /// @return an array of objects
    public ArrayNode decisions(int max) {
        return thread.call(() -> database.decisions(max));
    }

    /// Lists the history of this run's evidence.
    ///
    /// @return an array of objects
    public ArrayNode history() {
        return thread.call(() -> database.history(position().run(), MAX_HISTORY));
    }

    /// Flushes the queue, and stops the rollout's work.
    @Override
    public void close() {
        thread.close();
        notifier.close();
    }
}
