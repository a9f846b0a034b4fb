package dev.saiki.rollout.state;

import dev.saiki.io.InputException;
import dev.saiki.rollout.check.FigureCheck;
import dev.saiki.rollout.evidence.FigureTest;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.server.http.Json;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The course of a rollout: where it stands, the evidence of its run, and the decisions that follow.
///
/// The database holds all of it. Each round is one transaction: it begins with what is there, which
/// another gateway may have left, and what it decides holds for all gateways once it has ended.
/// Conversations have the order in which the database heard of them, and closed ones enter the tests
/// in that order, so that fast ones do not speak first; one that does not come to its end enters as it
/// stands at its time limit.
///
/// For one thread, but for what {@link #position}, {@link #evidence} and {@link #mayPromote} return.
final class RolloutCourse {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutCourse.class);

    private static final String POSITION = "position";
    private static final String REVISION = "revision";
    private static final String CONVERSATIONS = "conversations";
    private static final String CANDIDATE = "candidate";
    private static final String RULES = "rules";
    private static final String GATEWAY = "gateway";
    private static final String RESTART = "restart";

    private static final Duration BETWEEN_HISTORY = Duration.ofSeconds(1);
    private static final Duration ANSWERS_KEPT = Duration.ofDays(7);

    /// Closed conversations that are read at once.
    private static final int TOGETHER = 256;

    private static final long UNKNOWN = -1;

    private final GatewayPlan plan;
    private final Clock clock;
    private final RolloutDatabase database;

    /// As the database has it, if the revision is the same; changed by a transaction under way.
    private Position current;

    private RunEvidence evidence;
    private long revision = UNKNOWN;
    private boolean changed;
    private boolean historyIsDue;
    private Instant lastHistory = Instant.EPOCH;
    private final List<RolloutDecision> decided = new ArrayList<>();

    private volatile Position position;
    private volatile ArrayNode shownEvidence = Json.array();
    private volatile boolean ready;

    private RolloutCourse(GatewayPlan plan, Clock clock, RolloutDatabase database) {
        this.plan = plan;
        this.clock = clock;
        this.database = database;
        this.evidence = new RunEvidence(plan);
        this.current = start(0);
        this.position = current;
    }

    /// Goes on where a rollout was left, or begins one. Evidence begins anew if the candidate or the gates are others
    /// now; with another candidate, so do the stages.
    static RolloutCourse open(GatewayPlan plan, Clock clock, RolloutDatabase database) throws SQLException {
        RolloutCourse course = new RolloutCourse(plan, clock, database);
        database.transact(() -> {
            course.goOn();
            course.save();
            return course;
        });
        course.publish();
        return course;
    }

    private void goOn() throws SQLException {
        Map<String, String> meta = database.meta();
        String candidate = plan.candidateFingerprint();
        String rules = plan.rulesFingerprint();
        Optional<String> left = Optional.ofNullable(meta.get(POSITION));
        if (left.isEmpty()) {
            begin(start(1), "begin", GATEWAY, "the plan", "");
        } else {
            load(meta);
            String state = current.state().word();
            if (!candidate.equals(meta.get(CANDIDATE))) {
                begin(start(current.run() + 1), RESTART, GATEWAY, "the candidate is another one", state);
            } else if (!rules.equals(meta.get(RULES))) {
                begin(
                        current.anew(current.run() + 1, clock.instant()),
                        RESTART,
                        GATEWAY,
                        "the gates are others",
                        state);
            } else {
                loadEvidence(meta);
            }
        }
        database.setMeta(CANDIDATE, candidate);
        database.setMeta(RULES, rules);
    }

    private Position start(long run) {
        return new Position(run, 0, plan.stages().getFirst(), false, false, clock.instant());
    }

    private void load(Map<String, String> meta) {
        current = PositionJson.read(meta.getOrDefault(POSITION, "{}"), plan);
        revision = Long.parseLong(meta.getOrDefault(REVISION, "0"));
    }

    private void loadEvidence(Map<String, String> meta) throws SQLException {
        evidence = new RunEvidence(
                plan, database.tests(current.run()), Long.parseLong(meta.getOrDefault(CONVERSATIONS, "0")));
    }

    /// Takes over what another gateway has changed.
    private void refresh() throws SQLException {
        Map<String, String> meta = database.meta();
        if (!plan.candidateFingerprint().equals(meta.get(CANDIDATE))
                || !plan.rulesFingerprint().equals(meta.get(RULES))) {
            throw new SQLException("another gateway works with another plan; start this one anew, with that plan");
        }
        if (Long.parseLong(meta.getOrDefault(REVISION, "0")) != revision) {
            load(meta);
            loadEvidence(meta);
        }
    }

    /// Begins a run, with no evidence.
    private void begin(Position next, String action, String who, String reason, String from) throws SQLException {
        ArrayNode shown = evidence.toJson();
        evidence = new RunEvidence(plan);
        database.forgetRunsBefore(next.run());
        move(
                next,
                new RolloutDecision(
                        clock.instant(), who, action, from, next.state().word(), reason, shown));
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

    /// The evidence as it stood last.
    ArrayNode evidence() {
        return shownEvidence;
    }

    /// Whether the evidence allows the next stage.
    boolean mayPromote() {
        return ready;
    }

    /// Brings in what happened, lets closed conversations enter, and decides.
    ///
    /// @throws SQLException if it could not be written down; then nothing of it was done
    void round(Collection<RolloutEvent> events) throws SQLException {
        change(() -> {
            take(events);
            enterClosed();
            decide();
        });
    }

    /// A change of what is held here and in the database.
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
            historyIsDue = true;
            database.setMeta(REVISION, Long.toString(revision));
            database.setMeta(CONVERSATIONS, Long.toString(evidence.conversations()));
            database.setTests(current.run(), evidence.states());
        }
        Instant now = clock.instant();
        if (historyIsDue && !now.isBefore(lastHistory.plus(BETWEEN_HISTORY))) {
            database.addHistory(current.run(), now, evidence.toJson());
            database.forgetAnswersBefore(now.minus(ANSWERS_KEPT));
            lastHistory = now;
            historyIsDue = false;
        }
    }

    /// Shows what is written down now.
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
        if (decided.isEmpty() && current.run() != position.run()) {
            LOG.info("moved by another gateway to {}", current.state().word());
        }
        position = current;
        shownEvidence = evidence.toJson();
    }

    /// What happened comes in the order in which one thing may rest on another.
    private void take(Collection<RolloutEvent> events) throws SQLException {
        Map<String, OpenConversation> begun = new LinkedHashMap<>();
        List<FinishedPair> pairs = new ArrayList<>();
        List<RolloutEvent.Given> answers = new ArrayList<>();
        List<RolloutEvent.Judged> verdicts = new ArrayList<>();
        List<RolloutEvent.Aborted> aborts = new ArrayList<>();
        for (RolloutEvent event : events) {
            switch (event) {
                case RolloutEvent.Assigned assigned -> {
                    if (assigned.run() == current.run()) {
                        begun.putIfAbsent(
                                assigned.conversation(),
                                new OpenConversation(assigned.at().toEpochMilli()));
                    }
                }
                case RolloutEvent.Compared compared -> pairs.add(compared.pair());
                case RolloutEvent.Given given -> answers.add(given);
                case RolloutEvent.Judged judged -> verdicts.add(judged);
                case RolloutEvent.Aborted aborted -> aborts.add(aborted);
            }
        }
        database.addAnswers(answers);
        database.addConversations(current.run(), begun);
        gather(pairs);
        for (RolloutEvent.Judged verdict : verdicts) {
            judge(verdict);
        }
        for (RolloutEvent.Aborted abort : aborts) {
            abort(abort);
        }
    }

    private void gather(List<FinishedPair> pairs) throws SQLException {
        database.addPairs(pairs, plan.access().keepsTexts());
        Map<String, OpenConversation> touched = new LinkedHashMap<>();
        for (FinishedPair pair : pairs) {
            String key = pair.conversation();
            if (pair.run() == current.run() && !touched.containsKey(key)) {
                database.openConversation(current.run(), key).ifPresent(found -> touched.put(key, found));
            }
            OpenConversation conversation = pair.run() == current.run() ? touched.get(key) : null;
            if (conversation != null) {
                conversation.add(pair.differences(), figures(pair.pair()));
            }
        }
        database.setConversations(current.run(), touched);
    }

    private Map<String, FigureTest.Sides> figures(Pair pair) {
        Map<String, FigureTest.Sides> figures = new LinkedHashMap<>();
        for (RolloutGate gate : plan.gates()) {
            if (gate.check() instanceof FigureCheck check) {
                figures.put(
                        gate.name(),
                        new FigureTest.Sides(check.measured(pair.baseline()), check.measured(pair.candidate())));
            }
        }
        return figures;
    }

    private void judge(RolloutEvent.Judged verdict) throws SQLException {
        OptionalDouble other =
                database.addVerdict(current.run(), verdict.conversation(), verdict.side(), verdict.loss());
        if (other.isPresent()) {
            double difference = verdict.loss() - other.getAsDouble();
            evidence.judged(verdict.side() == Side.CANDIDATE ? difference : -difference);
            changed = true;
        }
    }

    private void abort(RolloutEvent.Aborted abort) throws SQLException {
        if (!current.aborted()) {
            retreat(abort.who(), abort.reason());
        }
    }

    /// Lets all conversations enter that are closed, and have none before them that is not.
    private void enterClosed() throws SQLException {
        List<Long> entered;
        do {
            entered = new ArrayList<>();
            for (RolloutDatabase.Numbered next : database.firstOpen(current.run(), TOGETHER)) {
                if (!next.conversation()
                        .isClosed(
                                plan.evidence().pairs(), plan.evidence().time().toMillis(), clock.millis())) {
                    break;
                }
                evidence.enter(next.conversation());
                entered.add(next.number());
            }
            database.setEntered(entered);
            changed |= !entered.isEmpty();
        } while (entered.size() == TOGETHER);
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
        ready = hasNext() && mayEnd(current.stage()) && evidence.allPass();
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
                new Position(now.run() + 1, now.index(), now.stage(), true, false, clock.instant()),
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
                new Position(now.run() + 1, index, plan.stages().get(index), false, false, clock.instant()),
                now.aborted() ? RESTART : "promote",
                who,
                reason,
                now.state().word());
        ready = false;
    }

    /// Makes the next stage begin, or the first one if the rollout was aborted.
    ///
    /// @param seen the run that was to end; another one means that somebody else was faster
    void promote(long seen, String who, String reason, boolean forced) throws SQLException {
        change(() -> {
            if (current.run() != seen) {
                throw new InputException("somebody else has just moved it, to "
                        + current.state().word() + "; look where it stands, and ask again");
            }
            promote(who, reason, forced);
        });
    }

    private void promote(String who, String reason, boolean forced) throws SQLException {
        if (current.aborted()) {
            next(who, reason);
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

    /// Holds the rollout where it is, or lets it go on.
    void pause(String who, String reason, boolean paused) throws SQLException {
        change(() -> {
            Position now = current;
            if (now.paused() != paused) {
                String state = now.state().word();
                move(
                        now.paused(paused),
                        new RolloutDecision(
                                clock.instant(),
                                who,
                                paused ? "pause" : "resume",
                                state,
                                state,
                                reason,
                                evidence.toJson()));
            }
        });
    }
}
