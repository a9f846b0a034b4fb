package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutDecision;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The state machine of a rollout: its position, the evidence of its run, and the decisions that follow.
///
/// The database is the source of truth. Each round is one transaction: it first reads what another gateway may
/// have written, and its decisions apply to all gateways once it commits.
///
/// Confined to one thread, except the results of {@link #position}, {@link #evidence} and {@link #mayPromote}.
final class RolloutCourse {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutCourse.class);

    private static final String POSITION = "position";
    private static final String REVISION = "revision";
    private static final String CONVERSATIONS = "conversations";
    private static final String CANDIDATE = "candidate";
    private static final String CERTIFIED = "certified";
    private static final String RULES = "rules";
    private static final String GATEWAY = "gateway";
    private static final String RESTART = "restart";
    private static final String DIAL = "dial";
    private static final String ALARM = "alarm";
    private static final String ADJUST = "adjust";
    private static final String ALARMS = "alarms";

    private static final long UNKNOWN = -1;

    private final GatewayPlan plan;
    private final Clock clock;
    private final Journal database;
    private final EvidenceIntake intake;
    private final RolloutUpkeep upkeep;

    /// A copy of the database's state at the same revision; changed within the current transaction.
    private Position current;

    private RunEvidence evidence;
    private long revision = UNKNOWN;
    private boolean changed;
    private final List<RolloutDecision> decided = new ArrayList<>();

    private volatile Position position;
    private volatile Set<RouterAlarm> alarms = Set.of();
    private volatile ArrayNode shownEvidence = Json.array();
    private volatile boolean ready;

    /// Makes a course whose position is not loaded yet.
    RolloutCourse(GatewayPlan plan, Clock clock, Journal database) {
        this.plan = plan;
        this.clock = clock;
        this.database = database;
        this.intake = new EvidenceIntake(plan, clock, database);
        this.upkeep = new RolloutUpkeep(plan.access().retention(), database);
        this.evidence = new RunEvidence(plan);
        this.current = start(0);
        this.position = current;
    }

    /// Resumes a rollout, or begins one. The evidence is reset if the candidate, its certified effort or the gates
    /// have changed. With another candidate the stages restart too; once the baseline is retired, this fails
    /// instead.
    void begin() throws SQLException {
        database.transact(() -> {
            goOn();
            save();
            return current;
        });
        publish();
    }

    private void goOn() throws SQLException {
        Map<String, String> meta = database.meta();
        String candidate = plan.candidateFingerprint();
        String certified = plan.certifiedFingerprint();
        String rules = plan.rulesFingerprint();
        Optional<String> left = Optional.ofNullable(meta.get(POSITION));
        if (left.isEmpty()) {
            begin(start(1), "begin", GATEWAY, "the plan", "");
        } else {
            load(meta);
            String state = current.state().word();
            if (!candidate.equals(meta.get(CANDIDATE))) {
                begin(ofAnotherCandidate(), RESTART, GATEWAY, "the candidate has changed", state);
            } else if (!certified.equals(meta.get(CERTIFIED)) && current.isDialed()) {
                begin(
                        current.disableEffort(true, clock.instant()),
                        DIAL,
                        GATEWAY,
                        "another effort is certified, so effort control is off until the next promotion",
                        state);
            } else if (!rules.equals(meta.get(RULES))) {
                begin(
                        current.anew(current.run() + 1, clock.instant()),
                        RESTART,
                        GATEWAY,
                        "the gates have changed",
                        state);
            } else {
                loadEvidence(meta);
            }
        }
        database.setMeta(CANDIDATE, candidate);
        database.setMeta(CERTIFIED, certified);
        database.setMeta(RULES, rules);
    }

    /// The first stage; an abort remains, since ending it requires the promote right.
    private Position ofAnotherCandidate() {
        if (current.state() == RolloutState.RETIRED) {
            throw new InputException(
                    "the rollout is retired, so no baseline answers, and the plan names another candidate (url, model or"
                            + " reference) than the one that took over; put that one back, or begin a rollout with another"
                            + " database");
        }
        Position first = start(current.run() + 1);
        return current.aborted() ? first.asAborted() : first;
    }

    private Position start(long run) {
        return new Position(run, 0, plan.stages().getFirst(), false, false, false, clock.instant());
    }

    private void load(Map<String, String> meta) {
        alarms = RouterAlarm.read(meta.getOrDefault(ALARMS, ""));
        current = PositionJson.read(meta.getOrDefault(POSITION, "{}"), plan);
        revision = Long.parseLong(meta.getOrDefault(REVISION, "0"));
    }

    private void loadEvidence(Map<String, String> meta) throws SQLException {
        evidence = new RunEvidence(
                plan, database.tests(current.run()), Long.parseLong(meta.getOrDefault(CONVERSATIONS, "0")));
    }

    /// Loads changes made by another gateway.
    private void refresh() throws SQLException {
        Map<String, String> meta = database.meta();
        if (!plan.candidateFingerprint().equals(meta.get(CANDIDATE))
                || !plan.certifiedFingerprint().equals(meta.get(CERTIFIED))
                || !plan.rulesFingerprint().equals(meta.get(RULES))) {
            throw new SQLException("another gateway uses a different plan; restart this one with that plan");
        }
        if (Long.parseLong(meta.getOrDefault(REVISION, "0")) != revision) {
            load(meta);
            loadEvidence(meta);
        }
    }

    /// Begins a run without evidence.
    private void begin(Position next, String action, String who, String reason, String from) throws SQLException {
        begin(next, decision(who, action, from, next.state().word(), reason, Optional.empty()));
    }

    private void begin(Position next, RolloutDecision decision) throws SQLException {
        evidence = new RunEvidence(plan);
        move(next, decision);
    }

    private RolloutDecision decision(
            String who, String action, String from, String to, String reason, Optional<RouterReading> router) {
        return new RolloutDecision(clock.instant(), who, action, from, to, reason, evidence.toJson(), router);
    }

    private void move(Position next, RolloutDecision decision) throws SQLException {
        current = next;
        changed = true;
        database.setMeta(POSITION, PositionJson.text(next));
        database.add(decision);
        decided.add(decision);
    }

    Position position() {
        return position;
    }

    /// The evidence as of the last commit.
    ArrayNode evidence() {
        return shownEvidence;
    }

    /// The active router alarms.
    Set<RouterAlarm> alarms() {
        return alarms;
    }

    /// Whether the evidence allows the next stage.
    boolean mayPromote() {
        return ready;
    }

    /// Processes events, feeds closed conversations into the tests, and decides.
    ///
    /// @throws SQLException if it could not be stored; the whole round is then rolled back
    void round(Collection<RolloutEvent> events) throws SQLException {
        change(() -> {
            take(events);
            changed |= intake.enterClosed(current.run(), evidence);
            decide();
        });
    }

    /// A change of the state in memory and in the database.
    private interface Change {
        void make() throws SQLException;
    }

    private void change(Change change) throws SQLException {
        decided.clear();
        changed = false;
        try {
            database.transact(() -> {
                refresh();
                change.make();
                save();
                return current;
            });
        } catch (SQLException | RuntimeException e) {
            revision = UNKNOWN;
            throw e;
        }
        publish();
    }

    private void save() throws SQLException {
        if (changed) {
            revision++;
            database.setMeta(REVISION, Long.toString(revision));
            database.setMeta(CONVERSATIONS, Long.toString(evidence.conversations()));
            database.setTests(current.run(), evidence.states());
        }
        upkeep.run(current, evidence, changed, clock.instant());
    }

    /// Publishes the committed state.
    private void publish() {
        for (RolloutDecision decision : decided) {
            LOG.info(
                    "{} by {}, from {} to {}: {}",
                    decision.action(),
                    decision.who(),
                    decision.from(),
                    decision.to(),
                    decision.reason());
        }
        if (decided.isEmpty() && position.run() != 0 && current.run() != position.run()) {
            LOG.info("moved by another gateway to {}", current.state().word());
        }
        position = current;
        shownEvidence = evidence.toJson();
    }

    /// Events are processed in order of dependence, so that each finds what it refers to.
    private void take(Collection<RolloutEvent> events) throws SQLException {
        changed |= intake.take(events, current.run(), evidence);
        for (RolloutEvent event : events) {
            if (event instanceof RolloutEvent.Looked looked) {
                look(looked);
            }
        }
        for (RolloutEvent event : events) {
            if (event instanceof RolloutEvent.Aborted abort) {
                abort(abort);
            }
        }
    }

    private void abort(RolloutEvent.Aborted abort) throws SQLException {
        if (!current.aborted()) {
            retreat(abort.who(), abort.reason());
        }
    }

    private void decide() throws SQLException {
        if (!current.gathersEvidence()) {
            ready = false;
            return;
        }
        Optional<RolloutGate> bad = evidence.retreating();
        if (bad.isPresent()) {
            retreat(GATEWAY, "gate " + bad.get().name() + ": the candidate is worse than is tolerated");
            return;
        }
        ready = hasNext()
                && alarms.isEmpty()
                && !current.effortDisabled()
                && mayEnd(current.stage())
                && evidence.allPass();
        if (ready && plan.evidence().automatic() && !current.paused()) {
            next(GATEWAY, "all gates pass");
        }
    }

    private boolean mayEnd(Stage stage) {
        return evidence.conversations() >= stage.conversations()
                && !clock.instant().isBefore(current.since().plus(stage.duration()));
    }

    private boolean hasNext() {
        return current.index() + 1 < plan.stages().size();
    }

    private void retreat(String who, String reason) throws SQLException {
        Position now = current;
        begin(
                new Position(now.run() + 1, now.index(), now.stage(), true, false, false, clock.instant()),
                "abort",
                who,
                reason,
                now.state().word());
        ready = false;
    }

    private void next(String who, String reason) throws SQLException {
        Position now = current;
        int index = now.aborted() ? 0 : now.index() + 1;
        begin(
                new Position(now.run() + 1, index, plan.stages().get(index), false, false, false, clock.instant()),
                now.aborted() ? RESTART : "promote",
                who,
                reason,
                now.state().word());
        ready = false;
    }

    /// Begins the next stage, or the first one if the rollout was aborted.
    ///
    /// @param seen the run to end; if it is no longer current, somebody else has moved the rollout
    void promote(long seen, String who, String reason, boolean forced) throws SQLException {
        change(() -> {
            if (current.run() != seen) {
                throw new InputException("the rollout has just been moved to "
                        + current.state().word() + "; check its status, then try again");
            }
            promote(who, reason, forced);
        });
    }

    private void promote(String who, String reason, boolean forced) throws SQLException {
        if (current.aborted()) {
            next(who, reason);
        } else if (current.effortDisabled()) {
            giveBackDial(who, reason, forced);
        } else if (!hasNext()) {
            throw new InputException(
                    "the plan has no stage after " + current.state().word());
        } else if (ready || !current.gathersEvidence()) {
            next(who, reason);
        } else if (forced) {
            next(who, reason + " (forced)");
        } else {
            throw new InputException("the evidence does not allow the next stage yet; wait for it, or use force");
        }
    }

    /// Enables effort control again, at the certified efforts and without evidence.
    private void giveBackDial(String who, String reason, boolean forced) throws SQLException {
        if (!alarms.isEmpty() && !forced) {
            throw new InputException("the candidate's router still raises alarms (" + RouterAlarm.words(alarms)
                    + "), so effort control stays off; wait until it does not, or use force");
        }
        String state = current.state().word();
        begin(
                current.disableEffort(false, clock.instant()),
                decision(who, DIAL, state, state, "effort control is on again: " + reason, Optional.empty()));
    }

    /// Disables effort control when the router alarms. Traffic is unaffected: the gates decide whether answers are
    /// worse.
    private void look(RolloutEvent.Looked looked) throws SQLException {
        Set<RouterAlarm> raised = EnumSet.noneOf(RouterAlarm.class);
        raised.addAll(looked.alarms());
        raised.removeAll(alarms);
        if (!looked.alarms().equals(alarms)) {
            changed = true;
            alarms = Set.copyOf(looked.alarms());
            database.setMeta(ALARMS, RouterAlarm.words(alarms));
        }
        if (raised.isEmpty()) {
            return;
        }
        String state = current.state().word();
        Optional<RouterReading> why = Optional.of(looked.reading());
        if (current.isDialed()) {
            begin(
                    current.disableEffort(true, clock.instant()),
                    decision(
                            GATEWAY,
                            DIAL,
                            state,
                            state,
                            "router alarm (" + RouterAlarm.words(raised) + "): every token takes the reference depth",
                            why));
        } else {
            move(
                    current,
                    decision(GATEWAY, ALARM, state, state, "router alarm (" + RouterAlarm.words(raised) + ")", why));
        }
    }

    /// Disables effort control before the router's thresholds change, since the certificate holds only for the old
    /// ones.
    void adjust(String who, String reason) throws SQLException {
        change(() -> begin(
                current.disableEffort(true, clock.instant()),
                decision(who, ADJUST, current.state().word(), current.state().word(), reason, Optional.empty())));
    }

    /// Records the result of an adjustment.
    void adjusted(String who, String result) throws SQLException {
        change(() -> move(
                current,
                decision(who, ADJUST, current.state().word(), current.state().word(), result, Optional.empty())));
    }

    /// Pauses the rollout or resumes it.
    void pause(String who, String reason, boolean paused) throws SQLException {
        change(() -> {
            Position now = current;
            if (now.paused() != paused) {
                String state = now.state().word();
                move(
                        now.paused(paused),
                        decision(who, paused ? "pause" : "resume", state, state, reason, Optional.empty()));
            }
        });
    }
}
