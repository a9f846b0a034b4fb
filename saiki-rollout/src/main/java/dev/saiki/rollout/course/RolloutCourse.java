package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutDecision;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.PlannedSlice;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The state machine of a rollout: its position, the evidence of its run, and the decisions that follow.
///
/// The database is the source of truth. Each round is one transaction, which first reads the changes of other
/// gateways. The round's decisions apply to all gateways once the transaction commits.
///
/// Confined to one thread, except {@link #position}, {@link #evidence}, {@link #alarms} and {@link #mayPromote}.
final class RolloutCourse {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutCourse.class);

    private static final String POSITION = "position";
    private static final String REVISION = "revision";
    private static final String CONVERSATIONS = "conversations";
    private static final String GATEWAY = "gateway";
    private static final String RESTART = "restart";
    private static final String DIAL = "dial";
    private static final String ALARM = "alarm";
    private static final String ADJUST = "adjust";
    private static final String ALARMS = "alarms";
    /// The name of the slices beside the names of tests.
    private static final String SLICES = "@slices";

    private static final String DEPARTURES = "departures";
    private static final String ATTEMPTS = "attempts ";
    private static final String CHECKPOINT = "checkpoint_";
    private static final int SHOWN_HASH = 12;

    private static final long UNKNOWN = -1;

    /// The number of awaited things that a refusal names.
    private static final int MOST_NAMED = 5;

    private final GatewayPlan plan;
    private final Clock clock;
    private final Journal database;
    private final EvidenceIntake intake;
    private final RolloutUpkeep upkeep;

    private final GatewaySigns signs;
    private final StageConditions conditions;
    private final Notifier notifier;

    /// The position stored at {@link #revision}, or as changed within the current transaction.
    private Position current;

    private TrafficSlices slices;
    private final Departures departures;
    private RunEvidence evidence;
    private Map<String, String> known = Map.of();
    private final Set<String> toldUsers = new HashSet<>();
    private long revision = UNKNOWN;
    private boolean changed;
    private boolean isShown;
    private final List<RolloutDecision> decided = new ArrayList<>();

    private volatile Position position;
    private volatile Set<RouterAlarm> alarms = Set.of();
    private volatile ArrayNode shownEvidence = Json.array();
    private volatile List<String> awaited = List.of();
    private volatile ArrayNode levels = Json.array();
    private volatile Map<String, Double> heavyUsers = Map.of();
    private volatile boolean ready;

    /// Creates a course and does not load its position yet.
    RolloutCourse(GatewayPlan plan, Clock clock, Journal database, Notifier notifier) {
        this.plan = plan;
        this.clock = clock;
        this.database = database;
        this.intake = new EvidenceIntake(plan, database);
        this.signs = new GatewaySigns(clock, database, plan.longestComparison());
        this.conditions = new StageConditions(plan.operations());
        this.notifier = notifier;
        this.departures = new Departures(plan.baselineAnswers());
        this.upkeep = new RolloutUpkeep(plan.access().retention(), database);
        this.slices = newSlices();
        this.evidence = new RunEvidence(plan, slices, 1, Map.of(), 0);
        this.current = new Position(0, 0, plan.stages().getFirst(), false, false, false, clock.instant());
        this.position = current;
    }

    /// Resumes a rollout, or begins one. The evidence is reset if one of the models, the certified effort in use,
    /// or the rules by which evidence is gathered have changed. If the candidate has changed, the rollout also
    /// returns to its first stage; if the baseline is already retired, the call fails instead.
    void begin() throws SQLException {
        database.transact(() -> {
            resume();
            save();
            return current;
        });
        publish();
    }

    private void resume() throws SQLException {
        Map<String, String> meta = database.meta();
        if (meta.containsKey(POSITION)) {
            load(meta);
            loadSlices(database.tests(current.run()));
            adaptTo(plan.changesSince(meta), meta);
        } else {
            move(newRun(0, false), "begin", GATEWAY, "the plan");
        }
        for (Map.Entry<String, String> print : plan.fingerprints().entrySet()) {
            database.setMeta(print.getKey(), print.getValue());
        }
    }

    private void adaptTo(Set<String> changes, Map<String, String> meta) throws SQLException {
        for (Side side : Side.values()) {
            if (changes.contains(side.word())) {
                database.setMeta(CHECKPOINT + side.word(), "");
            }
        }
        if (changes.contains(GatewayPlan.CANDIDATE)) {
            move(ofAnotherCandidate(), RESTART, GATEWAY, "the candidate has changed");
        } else if (changes.contains(GatewayPlan.CERTIFIED) && current.isDialed()) {
            String reason = "the certified effort has changed, so effort control is off until the next promotion";
            move(current.disableEffort(true, clock.instant()), DIAL, GATEWAY, reason);
        } else if (changes.contains(GatewayPlan.BASELINE)) {
            move(current.anew(clock.instant()), RESTART, GATEWAY, "the baseline has changed");
        } else if (changes.contains(GatewayPlan.RULES)) {
            String reason = "the gates, evidence settings or time limits have changed";
            move(current.anew(clock.instant()), RESTART, GATEWAY, reason);
        } else {
            loadEvidence(meta);
        }
    }

    /// Returns the first stage in a new run. An aborted rollout stays aborted, since only a caller with the
    /// promote right may end an abort.
    private Position ofAnotherCandidate() {
        if (current.state() == RolloutState.RETIRED) {
            throw new InputException(
                    "the rollout is retired, and the plan's candidate (url, model or reference) differs from the one"
                            + " that replaced the baseline; restore that candidate in the plan, or use a new database");
        }
        return newRun(0, current.aborted());
    }

    private Position newRun(int index, boolean isAborted) {
        Stage stage = plan.stages().get(index);
        return new Position(current.run() + 1, index, stage, isAborted, false, false, clock.instant());
    }

    private void load(Map<String, String> meta) {
        alarms = RouterAlarm.read(meta.getOrDefault(ALARMS, ""));
        current = Position.read(meta.getOrDefault(POSITION, "{}"), plan);
        revision = Long.parseLong(meta.getOrDefault(REVISION, "0"));
    }

    private void loadEvidence(Map<String, String> meta) throws SQLException {
        Map<String, String> tests = database.tests(current.run());
        loadSlices(tests);
        isShown = false;
        evidence = new RunEvidence(
                plan, slices, attempt(meta), tests, Long.parseLong(meta.getOrDefault(CONVERSATIONS, "0")));
    }

    private void loadSlices(Map<String, String> tests) {
        slices = newSlices();
        Optional.ofNullable(tests.get(SLICES)).ifPresent(slices::read);
    }

    private TrafficSlices newSlices() {
        return new TrafficSlices(
                plan.evidence().slices().stream().map(PlannedSlice::name).toList());
    }

    /// The number of the candidate's runs so far that gathered evidence.
    private int attempt(Map<String, String> meta) {
        return Integer.parseInt(meta.getOrDefault(attemptsOfCandidate(), "1"));
    }

    private String attemptsOfCandidate() {
        return ATTEMPTS + plan.fingerprints().get(GatewayPlan.CANDIDATE);
    }

    /// Begins the evidence of a run anew, as a further attempt of the candidate. Aborted runs gather none.
    private void beginEvidence(boolean gathers) throws SQLException {
        Map<String, String> meta = database.meta();
        int next = meta.containsKey(attemptsOfCandidate()) && gathers ? attempt(meta) + 1 : attempt(meta);
        database.setMeta(attemptsOfCandidate(), Integer.toString(next));
        slices.beginRun();
        evidence = new RunEvidence(plan, slices, next, Map.of(), 0);
    }

    /// Loads changes made by another gateway.
    private void refresh() throws SQLException {
        Map<String, String> meta = database.meta();
        known = meta;
        if (!plan.changesSince(meta).isEmpty()) {
            throw new SQLException(
                    "another gateway uses a different plan; restart this gateway with the other one's plan");
        }
        Optional.ofNullable(meta.get(DEPARTURES)).ifPresent(departures::read);
        if (Long.parseLong(meta.getOrDefault(REVISION, "0")) != revision) {
            load(meta);
            loadEvidence(meta);
        }
    }

    private void move(Position next, String action, String who, String reason) throws SQLException {
        move(next, action, who, reason, Optional.empty());
    }

    /// Moves to a position and records the decision. If the run is new, the evidence is discarded.
    private void move(Position next, String action, String who, String reason, Optional<RouterReading> router)
            throws SQLException {
        String from = current.run() == 0 ? "" : current.state().word();
        RolloutDecision decision = new RolloutDecision(
                clock.instant(), who, action, from, next.state().word(), reason, evidence.toJson(), router);
        if (next.run() != current.run()) {
            beginEvidence(next.gathersEvidence());
        }
        current = next;
        changed = true;
        database.setMeta(POSITION, next.toJson());
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

    /// The newest answers about levels, as of the last round.
    ArrayNode levels() {
        return levels;
    }

    /// Whether the evidence allows the next stage.
    boolean mayPromote() {
        return ready;
    }

    /// Processes events, feeds closed conversations into the tests, and decides.
    ///
    /// @throws SQLException if the events cannot be stored; the whole round is then rolled back
    void round(Collection<RolloutEvent> events) throws SQLException {
        try {
            change(() -> {
                take(events);
                signs.give(known);
                changed |= intake.enterClosed(current.run(), evidence, departures, signs::fate);
                decide();
            });
        } finally {
            intake.clear();
        }
    }

    /// A change of the state in memory and in the database.
    interface Change {
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
            isShown = false;
            revision++;
            database.setMeta(REVISION, Long.toString(revision));
            database.setMeta(CONVERSATIONS, Long.toString(evidence.conversations()));
            database.setTests(current.run(), evidence.newStates());
            database.setTests(current.run(), Map.of(SLICES, slices.toJson()));
        }
        upkeep.run(current, evidence, changed, clock.instant());
    }

    /// Publishes the committed state.
    private void publish() {
        for (RolloutDecision decision : decided) {
            LOG.info("{}", decision.words());
            notifier.tell(decision);
        }
        if (decided.isEmpty() && position.run() != 0 && current.run() != position.run()) {
            LOG.info("moved by another gateway to {}", current.state().word());
        }
        position = current;
        if (!isShown) {
            shownEvidence = evidence.toJsonWithSlices();
            isShown = true;
        }
        heavyUsers = slices.heavyUsers();
        heavyUsers.forEach((user, share) -> {
            if (toldUsers.add(user)) {
                LOG.warn(
                        "the user with hash {} sends {} % of the conversations, so it may be no person's name; at most"
                                + " {} % of the evidence is theirs",
                        user, Math.round(100 * share), Math.round(100 * slices.fairShare()));
            }
        });
    }

    /// What the next stage waits for, in words; empty if it may begin.
    List<String> awaited() {
        return awaited;
    }

    /// The users who send an implausible share of the conversations, with that share.
    Map<String, Double> heavyUsers() {
        return heavyUsers;
    }

    /// Lets the open conversations of this gateway count as those of one that has stopped, since events were lost.
    void disownOpenConversations() {
        signs.renew();
    }

    /// Tells the other gateways that this one stops.
    void end() throws SQLException {
        database.transact(() -> {
            signs.end();
            return current;
        });
    }

    /// Processes changed checkpoints first, so that no answer counts for the wrong one, then the events of requests,
    /// the router's readings, and last the operators' orders to abort.
    private void take(Collection<RolloutEvent> events) throws SQLException {
        for (RolloutEvent event : events) {
            if (event instanceof RolloutEvent.CheckpointSeen seen) {
                onCheckpoint(seen);
            }
        }
        List<RolloutEvent.RouterRead> readings = new ArrayList<>();
        List<RolloutEvent.Aborted> orders = new ArrayList<>();
        for (RolloutEvent event : events) {
            switch (event) {
                case RolloutEvent.OfRequest ofRequest -> intake.accept(ofRequest, current.run(), slices, signs.own());
                case RolloutEvent.CheckpointSeen _ -> {
                    // Processed above.
                }
                case RolloutEvent.RouterRead read -> readings.add(read);
                case RolloutEvent.LevelRead read -> conditions.accept(read, current.run(), clock.instant());
                case RolloutEvent.Aborted abort -> orders.add(abort);
            }
        }
        changed |= intake.store(current.run(), evidence, departures);
        String counted = departures.toJson();
        if (!counted.equals(known.get(DEPARTURES))) {
            database.setMeta(DEPARTURES, counted);
        }
        for (RolloutEvent.RouterRead read : readings) {
            onRouterRead(read);
        }
        for (RolloutEvent.Aborted abort : orders) {
            abort(abort);
        }
    }

    private void abort(RolloutEvent.Aborted abort) throws SQLException {
        if (!current.aborted()) {
            retreat(abort.who(), abort.reason());
        }
    }

    private void decide() throws SQLException {
        levels = conditions.toJson(current.run());
        if (!current.gathersEvidence()) {
            ready = false;
            awaited = List.of();
            return;
        }
        Optional<String> bad = evidence.retreating()
                .map(key -> key.words() + ": the candidate is worse than tolerated")
                .or(() -> conditions.retreating(current.run()));
        if (bad.isPresent()) {
            retreat(GATEWAY, bad.get());
            return;
        }
        List<String> missing = evidence.awaited(current.state() == RolloutState.SHADOW);
        missing.addAll(conditions.awaited(current, evidence.conversations(), clock.instant()));
        if (!alarms.isEmpty()) {
            missing.add("the end of the router's alarms: " + RouterAlarm.words(alarms));
        }
        if (current.effortDisabled()) {
            missing.add("effort control, which a promotion turns on");
        }
        awaited = List.copyOf(missing);
        ready = hasNext() && missing.isEmpty();
        if (ready && plan.evidence().automatic() && !current.paused()) {
            next(GATEWAY, "all gates are cleared");
        }
    }

    private boolean hasNext() {
        return current.index() + 1 < plan.stages().size();
    }

    private void retreat(String who, String reason) throws SQLException {
        move(newRun(current.index(), true), "abort", who, reason);
        ready = false;
    }

    private void next(String who, String reason) throws SQLException {
        int index = current.aborted() ? 0 : current.index() + 1;
        String action = current.aborted() ? RESTART : "promote";
        move(newRun(index, false), action, who, reason);
        ready = false;
    }

    /// Begins the next stage, or the first one if the rollout was aborted. If effort control is disabled, enables
    /// it instead.
    ///
    /// @param seen number of the run to end; the call fails if that run is no longer current because somebody
    ///     else has moved the rollout
    void promote(long seen, String who, String reason, boolean forced) throws SQLException {
        change(() -> {
            if (current.run() != seen) {
                throw new InputException("the rollout has just been moved to "
                        + current.state().word() + "; check its status, then try again");
            }
            Optional<String> closed = conditions.closed(clock.instant()).filter(_ -> !forced);
            if (closed.isPresent()) {
                throw new InputException("the rollout waits for " + closed.get() + "; wait, or use force");
            }
            promote(who, reason, forced);
        });
    }

    private void promote(String who, String reason, boolean forced) throws SQLException {
        if (current.aborted()) {
            next(who, reason);
        } else if (current.effortDisabled()) {
            enableEffort(who, reason, forced);
        } else if (!hasNext()) {
            throw new InputException(
                    "the plan has no stage after " + current.state().word());
        } else if (ready || !current.gathersEvidence()) {
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
        if (!alarms.isEmpty() && !forced) {
            throw new InputException("the candidate's router still raises alarms (" + RouterAlarm.words(alarms)
                    + "), so effort control stays off; wait until they clear, or use force");
        }
        String words = "effort control is on again: " + reason;
        move(current.disableEffort(false, clock.instant()), DIAL, who, words);
    }

    /// Discards the evidence if a side serves another checkpoint than before. Effort control is then disabled, since
    /// the certified effort belongs to the candidate's earlier checkpoint.
    private void onCheckpoint(RolloutEvent.CheckpointSeen seen) throws SQLException {
        String name = CHECKPOINT + seen.side().word();
        String before = database.meta().getOrDefault(name, "");
        if (before.equals(seen.hash())) {
            return;
        }
        database.setMeta(name, seen.hash());
        if (before.isEmpty()) {
            return;
        }
        String reason = "the " + seen.side().word() + " serves another checkpoint: " + shown(seen.hash()) + ", before "
                + shown(before);
        if (!current.gathersEvidence()) {
            move(current, RESTART, GATEWAY, reason);
        } else if (seen.side() == Side.CANDIDATE && current.isDialed()) {
            move(current.disableEffort(true, clock.instant()), DIAL, GATEWAY, reason + "; effort control is off");
        } else {
            move(current.anew(clock.instant()), RESTART, GATEWAY, reason);
        }
    }

    private static String shown(String hash) {
        return hash.length() > SHOWN_HASH ? hash.substring(0, SHOWN_HASH) : hash;
    }

    /// Disables effort control on an alarm of the router. This does not move traffic: only the gates do, when
    /// answers are worse.
    private void onRouterRead(RolloutEvent.RouterRead read) throws SQLException {
        Set<RouterAlarm> raised = EnumSet.noneOf(RouterAlarm.class);
        raised.addAll(read.alarms());
        raised.removeAll(alarms);
        if (!read.alarms().equals(alarms)) {
            changed = true;
            alarms = Set.copyOf(read.alarms());
            database.setMeta(ALARMS, RouterAlarm.words(alarms));
        }
        if (raised.isEmpty()) {
            return;
        }
        String reason = "router alarm (" + RouterAlarm.words(raised) + ")";
        Optional<RouterReading> reading = Optional.of(read.reading());
        if (current.isDialed()) {
            Position reference = current.disableEffort(true, clock.instant());
            move(reference, DIAL, GATEWAY, reason + ": every token takes the reference depth", reading);
        } else {
            move(current, ALARM, GATEWAY, reason, reading);
        }
    }

    /// Disables effort control before the router's thresholds change, because the certificate is valid only
    /// for the old thresholds.
    void adjust(String who, String reason) throws SQLException {
        change(() -> move(current.disableEffort(true, clock.instant()), ADJUST, who, reason));
    }

    /// Records the result of an adjustment.
    void adjusted(String who, String result) throws SQLException {
        change(() -> move(current, ADJUST, who, result));
    }

    /// Pauses the rollout or resumes it.
    void pause(String who, String reason, boolean paused) throws SQLException {
        change(() -> {
            if (current.paused() != paused) {
                move(current.paused(paused), paused ? "pause" : "resume", who, reason);
            }
        });
    }
}
