package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.plan.PairRetention;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/// The upkeep of a rollout's journal: from time to time, it stores the current evidence as a point of the charts,
/// and removes old rows in batches. Confined to one thread.
final class RolloutUpkeep {

    private static final Duration BETWEEN = Duration.ofSeconds(1);
    /// The time after which rows may have become old though nothing happened.
    private static final Duration SELDOM = Duration.ofHours(1);

    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration ANSWERS_KEPT = Duration.ofDays(7);
    private static final int POINTS = 500;

    private final PairRetention retention;
    private final Journal database;
    private boolean pointIsDue;
    private Instant lastPoint = Instant.EPOCH;
    private boolean mayForget;
    private Instant lastForgotten = Instant.EPOCH;

    RolloutUpkeep(PairRetention retention, Journal database) {
        this.retention = retention;
        this.database = database;
    }

    /// Performs the tasks that are due. Must run within a transaction.
    ///
    /// @param changed whether the evidence has changed
    void run(Position position, RunEvidence evidence, boolean changed, Instant now) throws SQLException {
        pointIsDue |= changed;
        if (pointIsDue && !now.isBefore(lastPoint.plus(betweenPoints(position, now)))) {
            database.addHistory(position.run(), now, evidence.toJson());
            lastPoint = now;
            pointIsDue = false;
        }
        if (mayForget || !now.isBefore(lastForgotten.plus(BETWEEN))) {
            boolean ofRuns = database.forgetSomeBefore(position.run());
            boolean ofAnswers = database.forgetSomeAnswersBefore(now.minus(ANSWERS_KEPT));
            boolean ofPairs = database.storedPairs().forgetSome(retention, position.run(), now);
            mayForget = ofRuns || ofAnswers || ofPairs;
            lastForgotten = now;
        }
    }

    /// The time at which the next task is due if nothing changes.
    Instant next(Position position, Instant now) {
        Instant forgets = lastForgotten.plus(mayForget ? SOON : SELDOM);
        Instant adds = lastPoint.plus(betweenPoints(position, now));
        return pointIsDue && adds.isBefore(forgets) ? adds : forgets;
    }

    /// The interval between points grows with the run, so that their number stays bounded.
    private static Duration betweenPoints(Position position, Instant now) {
        Duration part = Duration.between(position.since(), now).dividedBy(POINTS);
        return part.compareTo(BETWEEN) > 0 ? part : BETWEEN;
    }
}
