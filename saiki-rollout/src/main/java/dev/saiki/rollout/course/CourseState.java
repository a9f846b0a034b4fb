package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.io.InputException;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutDecision;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.PlannedSlice;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The state of a rollout in memory and in its database: the position, the evidence of the run, and the alarms.
///
/// The database is the source of truth. Each change is one transaction, which first reads the changes of other
/// gateways; it applies to all gateways once the transaction commits. Confined to one thread.
final class CourseState {

    private static final Logger LOG = LoggerFactory.getLogger(CourseState.class);

    /// The one who moves a rollout without an operator.
    static final String GATEWAY = "gateway";

    /// The action of beginning the evidence anew.
    static final String RESTART = "restart";

    /// The action of disabling or enabling effort control.
    static final String DIAL = "dial";

    private static final String POSITION = "position";
    private static final String CONVERSATIONS = "conversations";
    private static final String ALARMS = "alarms";
    private static final String DEPARTURES = "departures";
    private static final String RETIRED = "retired";
    private static final String WORSE = "worse";
    private static final String ATTEMPTS = "attempts ";
    private static final String CHECKPOINT = "checkpoint_";

    /// The name of the slices beside the names of tests.
    private static final String SLICES = "@slices";

    private static final long UNKNOWN = -1;

    private final GatewayPlan plan;
    private final Clock clock;
    private final Journal database;
    private final Notifier notifier;
    private final RolloutUpkeep upkeep;
    private final Departures departures;
    private final List<RolloutDecision> decided = new ArrayList<>();

    private Position current;
    private TrafficSlices slices;
    private RunEvidence evidence;
    private Set<RouterAlarm> alarms = Set.of();
    private Optional<String> worse = Optional.empty();
    private Map<String, String> meta = new HashMap<>();

    /// The states of the tests as loaded, by name.
    private Map<String, String> tests = Map.of();

    /// The revision that was loaded; unknown after a failure, since then memory and database may differ.
    private long revision = UNKNOWN;

    private CourseMemory memory;
    private boolean changed;
    private boolean isShown;
    private ArrayNode shown = Json.array();

    CourseState(GatewayPlan plan, Clock clock, Journal database, Notifier notifier) {
        this.plan = plan;
        this.clock = clock;
        this.database = database;
        this.notifier = notifier;
        this.upkeep = new RolloutUpkeep(plan.access().retention(), database);
        this.departures = new Departures(plan.baselineAnswers());
        this.slices = newSlices();
        this.current = new Position(0, 0, plan.stages().getFirst(), false, false, false, clock.instant());
        this.evidence = new RunEvidence(plan, slices, 1, Map.of(), 0, Optional.empty());
        this.memory = new CourseMemory(0, 1, current);
    }

    /// A change of the state in memory and in the database.
    interface Change {
        void make() throws SQLException;
    }

    /// Resumes a rollout, or begins one. The evidence is reset if one of the models, the certified effort in use,
    /// or the rules by which evidence is gathered have changed, or the database is an old backup. If the candidate
    /// has changed, the rollout also returns to its first stage; if the baseline is already retired, the call fails
    /// instead.
    void begin() throws SQLException {
        database.note().flatMap(note -> CourseMemory.read(note, plan)).ifPresent(kept -> memory = kept);
        transact(this::resume);
    }

    private void resume() throws SQLException {
        meta = database.meta();
        if (meta.containsKey(POSITION)) {
            loadPosition();
            adaptTo(plan.changesSince(meta));
        } else {
            revision = 0;
            String lost = memory.revision() > 0 ? "; the former database is lost, and its evidence with it" : "";
            move(newRun(0, false), "begin", GATEWAY, "the plan" + lost);
        }
        for (Map.Entry<String, String> print : plan.fingerprints().entrySet()) {
            database.setMeta(print.getKey(), print.getValue());
        }
    }

    private void adaptTo(Set<String> changes) throws SQLException {
        changed |= !changes.isEmpty();
        for (Side side : Side.values()) {
            if (changes.contains(side.word())) {
                setCheckpoint(side, "");
            }
        }
        if (changes.contains(GatewayPlan.CANDIDATE)) {
            move(ofAnotherCandidate(), RESTART, GATEWAY, "the candidate has changed");
        } else if (isOlder()) {
            goOnFromMemory();
        } else if (changes.contains(GatewayPlan.CERTIFIED) && current.isDialed()) {
            String reason = "the certified effort has changed, so effort control is off until the next promotion";
            move(current.disableEffort(true, now()), DIAL, GATEWAY, reason);
        } else if (changes.contains(GatewayPlan.BASELINE)) {
            move(current.anew(now()), RESTART, GATEWAY, "the baseline has changed");
        } else if (changes.contains(GatewayPlan.RULES)) {
            String reason = "the gates, evidence settings, limits on answers or number of stages have changed";
            move(current.anew(now()), RESTART, GATEWAY, reason);
        } else {
            loadEvidence();
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

    /// Whether the database holds less than this gateway has seen committed.
    private boolean isOlder() {
        return Journal.revision(meta) < memory.revision();
    }

    /// Begins the evidence anew at the position that this gateway remembers: an old backup may lack the very failures
    /// for which the candidate was left.
    private void goOnFromMemory() throws SQLException {
        String reason = "the database is an old backup (revision " + Journal.revision(meta) + ", before "
                + memory.revision() + "), so the evidence begins anew";
        revision = memory.next(Journal.revision(meta));
        database.setMeta(attempts(), Integer.toString(Math.max(attempt(), memory.attempt())));
        move(memory.after(current, now()), RESTART, GATEWAY, reason);
    }

    /// Makes a change in a transaction.
    void change(Change change) throws SQLException {
        transact(() -> {
            refresh();
            change.make();
        });
    }

    /// Notes the memory beside the database. The change is committed already, so a failure must not repeat it.
    private void note() {
        try {
            database.note(memory.toJson());
        } catch (SQLException e) {
            LOG.warn("cannot note the revision beside the database, so an old backup may go unnoticed", e);
        }
    }

    private void transact(Change change) throws SQLException {
        decided.clear();
        changed = false;
        try {
            database.transact(() -> {
                change.make();
                save();
                return current;
            });
        } catch (SQLException | RuntimeException e) {
            revision = UNKNOWN;
            throw e;
        }
        if (changed) {
            isShown = false;
        }
        if (memory.revision() != revision) {
            memory = new CourseMemory(revision, evidence.attempt(), current);
            note();
        }
        for (RolloutDecision decision : decided) {
            LOG.info("{}", decision.words());
            notifier.tell(decision);
        }
    }

    /// Loads changes made by another gateway.
    private void refresh() throws SQLException {
        meta = database.meta();
        if (!plan.changesSince(meta).isEmpty()) {
            throw new SQLException(
                    "another gateway uses a different plan; restart this gateway with the other one's plan");
        }
        if (isOlder()) {
            loadPosition();
            goOnFromMemory();
        } else if (Journal.revision(meta) != revision) {
            loadPosition();
            loadEvidence();
        } else {
            loadDepartures();
        }
    }

    private void loadPosition() throws SQLException {
        long before = current.run();
        alarms = RouterAlarm.read(meta.getOrDefault(ALARMS, ""));
        worse = Optional.ofNullable(meta.get(WORSE)).filter(words -> !words.isEmpty());
        current = Position.read(meta.getOrDefault(POSITION, "{}"), plan);
        revision = Journal.revision(meta);
        loadDepartures();
        tests = database.tests(current.run());
        slices = newSlices();
        Optional.ofNullable(tests.get(SLICES)).ifPresent(slices::read);
        if (before != 0 && current.run() != before) {
            LOG.info("moved by another gateway to {}", current.state().word());
        }
    }

    private void loadEvidence() {
        long conversations = Long.parseLong(meta.getOrDefault(CONVERSATIONS, "0"));
        evidence = new RunEvidence(plan, slices, attempt(), tests, conversations, retired(current));
        isShown = false;
    }

    private void loadDepartures() {
        Optional.ofNullable(meta.get(DEPARTURES)).ifPresent(departures::read);
    }

    private TrafficSlices newSlices() {
        return new TrafficSlices(
                plan.evidence().slices().stream().map(PlannedSlice::name).toList());
    }

    /// The number of the candidate's runs so far that gathered evidence.
    private int attempt() {
        return Integer.parseInt(meta.getOrDefault(attempts(), "1"));
    }

    private String attempts() {
        return ATTEMPTS + plan.fingerprints().get(GatewayPlan.CANDIDATE);
    }

    private Optional<RetiredBaseline> retired(Position position) {
        return position.state() == RolloutState.RETIRED
                ? Optional.of(RetiredBaseline.read(meta.getOrDefault(RETIRED, "{}")))
                : Optional.empty();
    }

    /// Begins the evidence of a run anew, as a further attempt of the candidate. Aborted runs gather none.
    private void beginEvidence(Position next) throws SQLException {
        if (next.state() == RolloutState.RETIRED && current.state() != RolloutState.RETIRED) {
            database.setMeta(RETIRED, evidence.baseline().toJson());
        }
        meta = database.meta();
        int attempt = meta.containsKey(attempts()) && next.gathersEvidence() ? attempt() + 1 : attempt();
        database.setMeta(attempts(), Integer.toString(attempt));
        slices.beginRun();
        evidence = new RunEvidence(plan, slices, attempt, Map.of(), 0, retired(next));
    }

    void move(Position next, String action, String who, String reason) throws SQLException {
        move(next, action, who, reason, Optional.empty());
    }

    /// Moves to a position and records the decision. If the run is new, the evidence is discarded.
    void move(Position next, String action, String who, String reason, Optional<RouterReading> router)
            throws SQLException {
        String from = current.run() == 0 ? "" : current.state().word();
        RolloutDecision decision = new RolloutDecision(
                now(), who, action, from, next.state().word(), reason, evidence.toJsonOfDecision(), router);
        if (next.run() != current.run()) {
            beginEvidence(next);
        }
        current = next;
        changed = true;
        database.setMeta(POSITION, next.toJson());
        database.add(decision);
        decided.add(decision);
    }

    /// A stage of the plan in a new run.
    Position newRun(int index, boolean isAborted) {
        Stage stage = plan.stages().get(index);
        return new Position(current.run() + 1, index, stage, isAborted, false, false, now());
    }

    private void save() throws SQLException {
        String counted = departures.toJson();
        if (!counted.equals(meta.get(DEPARTURES))) {
            database.setMeta(DEPARTURES, counted);
        }
        if (changed) {
            revision++;
            database.setRevision(revision);
            database.setMeta(CONVERSATIONS, Long.toString(evidence.conversations()));
            database.setTests(current.run(), evidence.newStates());
            database.setTests(current.run(), Map.of(SLICES, slices.toJson()));
        }
        upkeep.run(current, evidence, changed, now());
    }

    /// Whether no other gateway has changed the state.
    boolean isCurrent() throws SQLException {
        return database.isAt(revision);
    }

    /// What is shown outside this thread.
    CourseView view(List<String> awaited, ArrayNode levels, boolean mayPromote) {
        if (!isShown) {
            shown = evidence.toJsonWithSlices();
            isShown = true;
        }
        return new CourseView(
                current, shown, awaited, levels, mayPromote, alarms, worse, slices.heavyUsers(), checkpoints());
    }

    /// The time at which rows are to be stored or removed next, even if nothing happens.
    Instant nextUpkeep() {
        return upkeep.next(current, now());
    }

    Instant now() {
        return clock.instant();
    }

    /// Notes that tests have observed something.
    void changed(boolean isChanged) {
        changed |= isChanged;
    }

    Position current() {
        return current;
    }

    RunEvidence evidence() {
        return evidence;
    }

    TrafficSlices slices() {
        return slices;
    }

    Departures departures() {
        return departures;
    }

    /// The metadata as last read in the transaction.
    Map<String, String> meta() {
        return meta;
    }

    Set<RouterAlarm> alarms() {
        return alarms;
    }

    void setAlarms(Set<RouterAlarm> now) throws SQLException {
        if (!now.equals(alarms)) {
            changed = true;
            alarms = Set.copyOf(now);
            database.setMeta(ALARMS, RouterAlarm.words(alarms));
        }
    }

    Optional<String> worse() {
        return worse;
    }

    void setWorse(Optional<String> now) throws SQLException {
        if (!now.equals(worse)) {
            changed = true;
            worse = now;
            database.setMeta(WORSE, now.orElse(""));
        }
    }

    /// Stores the hash of the checkpoint that a side serves.
    ///
    /// @return the hash before; empty if none was known
    String setCheckpoint(Side side, String hash) throws SQLException {
        @Nullable String before = meta.put(CHECKPOINT + side.word(), hash);
        database.setMeta(CHECKPOINT + side.word(), hash);
        return Objects.requireNonNullElse(before, "");
    }

    private Map<Side, String> checkpoints() {
        Map<Side, String> known = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            Optional.ofNullable(meta.get(CHECKPOINT + side.word()))
                    .filter(hash -> !hash.isEmpty())
                    .ifPresent(hash -> known.put(side, hash));
        }
        return known;
    }
}
