package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The decisions of a rollout: what follows from events, evidence and orders.
///
/// Confined to one thread, except {@link #view}.
final class RolloutCourse {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutCourse.class);

    private static final String ALARM = "alarm";
    private static final String ADJUST = "adjust";
    private static final int SHOWN_HASH = 12;

    /// The number of awaited things that a refusal names.
    private static final int MOST_NAMED = 5;

    private final GatewayPlan plan;
    private final CourseState state;
    private final EvidenceIntake intake;
    private final GatewaySigns signs;
    private final StageConditions conditions;
    private final Set<String> toldUsers = new HashSet<>();
    private List<String> awaited = List.of();
    private ArrayNode levels = Json.array();
    private boolean ready;
    private volatile CourseView view;

    /// Creates a course and does not load its position yet.
    RolloutCourse(GatewayPlan plan, Clock clock, Journal database, Notifier notifier) {
        this.plan = plan;
        this.state = new CourseState(plan, clock, database, notifier);
        this.intake = new EvidenceIntake(plan, database);
        this.signs = new GatewaySigns(clock, database, plan);
        this.conditions = new StageConditions(plan.operations());
        this.view = state.view(awaited, levels, ready);
    }

    /// Resumes a rollout, or begins one.
    void begin() throws SQLException {
        state.begin();
        view = state.view(awaited, levels, ready);
    }

    /// The state as of the last commit.
    CourseView view() {
        return view;
    }

    Position position() {
        return view.position();
    }

    /// Processes events, feeds closed conversations into the tests, and decides.
    ///
    /// @throws SQLException if the events cannot be stored; the whole round is then rolled back
    void round(Collection<RolloutEvent> events) throws SQLException {
        try {
            change(() -> {
                for (RolloutEvent event : events) {
                    take(event);
                }
                store();
                signs.give(state.meta());
                state.changed(intake.enterClosed(
                        state.current().run(),
                        state.evidence(),
                        state.departures(),
                        signs::fate,
                        state.current().gathersEvidence()));
                decide();
            });
        } finally {
            intake.clear();
        }
    }

    private void change(CourseState.Change change) throws SQLException {
        state.change(change);
        view = state.view(awaited, levels, ready);
        view.heavyUsers().forEach((user, share) -> {
            if (toldUsers.add(user)) {
                LOG.warn(
                        "the user with hash {} sends {} % of the conversations, so several people may share that name;"
                                + " it gives at most {} % of the evidence",
                        user,
                        Math.round(100 * share),
                        Math.round(100 * state.slices().fairShare()));
            }
        });
    }

    /// Whether no other gateway has changed the state since the last round.
    boolean isCurrent() throws SQLException {
        return state.isCurrent();
    }

    /// The time until something is due even if nothing happens: an answer that is owed, the end of a stage, the
    /// beginning of the hours for promotions, or upkeep.
    Duration patience() {
        Instant now = state.now();
        Instant stageEnds = state.current().since().plus(state.current().stage().duration());
        Instant next = Stream.of(
                        Optional.of(state.nextUpkeep()),
                        intake.awaited().map(signs::next),
                        Optional.of(stageEnds).filter(now::isBefore),
                        conditions.opening(now))
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .orElseThrow();
        return Duration.between(now, next);
    }

    /// Lets the open conversations of this gateway count as those of one that has stopped, since events were lost.
    void disownOpenConversations() {
        signs.renew();
    }

    /// Tells the other gateways that this one stops.
    void end() throws SQLException {
        state.change(signs::end);
    }

    /// Takes an event. What came before one that may end the run is stored first, so that no answer counts for the
    /// wrong run.
    private void take(RolloutEvent event) throws SQLException {
        switch (event) {
            case RolloutEvent.OfRequest ofRequest ->
                intake.accept(ofRequest, state.current().run(), state.slices(), signs.own());
            case RolloutEvent.CheckpointSeen seen -> {
                store();
                onCheckpoint(seen);
            }
            case RolloutEvent.RouterRead read -> {
                store();
                onRouterRead(read);
            }
            case RolloutEvent.LevelRead read ->
                conditions.accept(read, state.current().run());
            case RolloutEvent.Aborted abort -> {
                store();
                if (!state.current().aborted()) {
                    retreat(abort.who(), abort.reason());
                }
            }
        }
    }

    private void store() throws SQLException {
        state.changed(intake.store(state.current().run(), state.evidence(), state.departures()));
    }

    private void decide() throws SQLException {
        Position current = state.current();
        Optional<String> worse = state.evidence().retreating().map(RunEvidence.Key::words);
        watch(current.state() == RolloutState.RETIRED ? worse : Optional.empty());
        levels = conditions.toJson(current.run());
        awaited = List.of();
        ready = false;
        if (!current.gathersEvidence()) {
            return;
        }
        Optional<String> bad = worse.map(words -> words + ": the candidate is worse than tolerated")
                .or(() -> conditions.retreating(current.run()));
        if (bad.isPresent()) {
            retreat(CourseState.GATEWAY, bad.get());
            return;
        }
        awaited = missing(current);
        ready = hasNext() && awaited.isEmpty();
        if (ready && plan.evidence().automatic() && !current.paused()) {
            next(CourseState.GATEWAY, "all gates are cleared");
        }
    }

    /// What the next stage waits for, in words.
    private List<String> missing(Position current) {
        List<String> missing = state.evidence().awaited(current.state() == RolloutState.SHADOW);
        missing.addAll(conditions.awaited(current, state.evidence().conversations(), state.now()));
        if (!state.alarms().isEmpty()) {
            missing.add("the end of the router's alarms: " + RouterAlarm.words(state.alarms()));
        }
        if (current.effortDisabled()) {
            missing.add("effort control, which a promotion turns on");
        }
        return missing;
    }

    /// Raises an alarm, or ends it, where there is no baseline to retreat to.
    private void watch(Optional<String> found) throws SQLException {
        if (found.isPresent() && state.worse().isEmpty()) {
            String reason = ": the candidate is worse than tolerated, and the baseline has retired";
            state.move(state.current(), ALARM, CourseState.GATEWAY, found.get() + reason);
        }
        state.setWorse(found);
    }

    private boolean hasNext() {
        return state.current().index() + 1 < plan.stages().size();
    }

    private void retreat(String who, String reason) throws SQLException {
        state.move(state.newRun(state.current().index(), true), "abort", who, reason);
        ready = false;
    }

    private void next(String who, String reason) throws SQLException {
        boolean isAborted = state.current().aborted();
        int index = isAborted ? 0 : state.current().index() + 1;
        state.move(state.newRun(index, false), isAborted ? CourseState.RESTART : "promote", who, reason);
        ready = false;
    }

    /// Begins the next stage, or the first one if the rollout was aborted. If effort control is disabled, enables
    /// it instead.
    ///
    /// @param seen number of the run to end; the call fails if that run is no longer current because somebody
    ///     else has moved the rollout
    void promote(long seen, String who, String reason, boolean forced) throws SQLException {
        change(() -> {
            if (state.current().run() != seen) {
                throw new InputException("the rollout has just been moved to "
                        + state.current().state().word() + "; check its status, then try again");
            }
            Optional<String> closed = conditions.closed(state.now()).filter(_ -> !forced);
            if (closed.isPresent()) {
                throw new InputException("the rollout waits for " + closed.get() + "; wait, or use force");
            }
            promote(who, reason, forced);
        });
    }

    private void promote(String who, String reason, boolean forced) throws SQLException {
        if (state.current().aborted()) {
            next(who, reason);
        } else if (state.current().effortDisabled()) {
            enableEffort(who, reason, forced);
        } else if (!hasNext()) {
            throw new InputException(
                    "the plan has no stage after " + state.current().state().word());
        } else if (ready || !state.current().gathersEvidence()) {
            next(who, reason);
        } else if (forced) {
            next(who, reason + " (forced)");
        } else {
            throw new InputException("the next stage waits for "
                    + String.join("; ", awaited.stream().limit(MOST_NAMED).toList()) + "; wait, or use force");
        }
    }

    /// Enables effort control again at the certified effort, and discards the evidence.
    private void enableEffort(String who, String reason, boolean forced) throws SQLException {
        if (!state.alarms().isEmpty() && !forced) {
            throw new InputException("the candidate's router still raises alarms (" + RouterAlarm.words(state.alarms())
                    + "), so effort control stays off; wait until they clear, or use force");
        }
        String words = "effort control is on again: " + reason;
        state.move(state.current().disableEffort(false, state.now()), CourseState.DIAL, who, words);
    }

    /// Discards the evidence if a side serves another checkpoint than before. Effort control is then disabled, since
    /// the certified effort belongs to the candidate's earlier checkpoint.
    private void onCheckpoint(RolloutEvent.CheckpointSeen seen) throws SQLException {
        String before = state.setCheckpoint(seen.side(), seen.hash());
        if (before.isEmpty() || before.equals(seen.hash())) {
            return;
        }
        Position current = state.current();
        String reason = "the " + seen.side().word() + " serves another checkpoint: " + shown(seen.hash()) + ", before "
                + shown(before);
        if (seen.side() == Side.CANDIDATE && current.isDialed()) {
            disableEffort(reason + "; effort control is off", Optional.empty());
        } else if (!current.gathersEvidence()) {
            state.move(current, CourseState.RESTART, CourseState.GATEWAY, reason);
        } else {
            state.move(current.anew(state.now()), CourseState.RESTART, CourseState.GATEWAY, reason);
        }
    }

    private static String shown(String hash) {
        return hash.length() > SHOWN_HASH ? hash.substring(0, SHOWN_HASH) : hash;
    }

    private void disableEffort(String reason, Optional<RouterReading> reading) throws SQLException {
        state.move(
                state.current().disableEffort(true, state.now()),
                CourseState.DIAL,
                CourseState.GATEWAY,
                reason,
                reading);
    }

    /// Disables effort control on an alarm of the router. This does not move traffic: only the gates do, when
    /// answers are worse.
    private void onRouterRead(RolloutEvent.RouterRead read) throws SQLException {
        Set<RouterAlarm> raised = EnumSet.noneOf(RouterAlarm.class);
        raised.addAll(read.alarms());
        raised.removeAll(state.alarms());
        state.setAlarms(read.alarms());
        if (raised.isEmpty()) {
            return;
        }
        String reason = "router alarm (" + RouterAlarm.words(raised) + ")";
        Optional<RouterReading> reading = Optional.of(read.reading());
        if (state.current().isDialed()) {
            disableEffort(reason + ": every token takes the reference depth", reading);
        } else {
            state.move(state.current(), ALARM, CourseState.GATEWAY, reason, reading);
        }
    }

    /// Disables effort control before the router's thresholds change, because the certificate is valid only
    /// for the old thresholds.
    void adjust(String who, String reason) throws SQLException {
        change(() -> state.move(state.current().disableEffort(true, state.now()), ADJUST, who, reason));
    }

    /// Records the result of an adjustment.
    void adjusted(String who, String result) throws SQLException {
        change(() -> state.move(state.current(), ADJUST, who, result));
    }

    /// Pauses the rollout or resumes it.
    void pause(String who, String reason, boolean paused) throws SQLException {
        change(() -> {
            if (state.current().paused() != paused) {
                state.move(state.current().paused(paused), paused ? "pause" : "resume", who, reason);
            }
        });
    }
}
