package dev.saiki.rollout.state;

import dev.saiki.io.InputException;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.Stage;
import dev.saiki.server.http.Json;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;

/// The course of a rollout: where it stands, the evidence of its run, and the decisions that follow. For one thread,
/// but for what {@link #position}, {@link #evidence} and {@link #mayPromote} return.
final class RolloutCourse {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutCourse.class);

    private static final String POSITION = "position";
    private static final String CANDIDATE = "candidate";
    private static final String RULES = "rules";
    private static final String GATEWAY = "gateway";
    private static final String RESTART = "restart";

    private final GatewayPlan plan;
    private final Clock clock;
    private final RolloutLog rolloutLog;
    private RunEvidence evidence;

    private volatile Position position;
    private volatile ArrayNode shownEvidence = Json.array();
    private volatile boolean ready;

    private RolloutCourse(GatewayPlan plan, Clock clock, RolloutLog rolloutLog) {
        this.plan = plan;
        this.clock = clock;
        this.rolloutLog = rolloutLog;
        this.evidence = new RunEvidence(plan);
        this.position = new Position(0, 0, plan.stages().getFirst(), false, false, clock.instant());
    }

    /// Goes on where a rollout was left, or begins one. Evidence begins anew if the candidate or the gates are others
    /// now; with another candidate, so do the stages.
    static RolloutCourse open(GatewayPlan plan, Clock clock, RolloutLog rolloutLog) throws SQLException {
        RolloutCourse course = new RolloutCourse(plan, clock, rolloutLog);
        course.goOn(rolloutLog.database());
        course.flush();
        return course;
    }

    private void goOn(RolloutDatabase database) throws SQLException {
        Optional<String> left = database.meta(POSITION);
        String candidate = plan.candidateFingerprint();
        String rules = plan.rulesFingerprint();
        if (left.isEmpty()) {
            begin(start(1), "begin", GATEWAY, "the plan", "");
        } else {
            Position last = PositionJson.read(left.get(), plan);
            String state = last.state().word();
            if (!database.meta(CANDIDATE).equals(Optional.of(candidate))) {
                begin(start(last.run() + 1), RESTART, GATEWAY, "the candidate is another one", state);
            } else if (!database.meta(RULES).equals(Optional.of(rules))) {
                begin(last.anew(last.run() + 1, clock.instant()), RESTART, GATEWAY, "the gates are others", state);
            } else {
                position = last;
                evidence.resume(database.tests(last.run()), database.open(last.run()), database.entered(last.run()));
            }
        }
        rolloutLog.add(to -> to.setMeta(CANDIDATE, candidate));
        rolloutLog.add(to -> to.setMeta(RULES, rules));
    }

    private Position start(long run) {
        return new Position(run, 0, plan.stages().getFirst(), false, false, clock.instant());
    }

    /// Begins a run, with no evidence.
    private void begin(Position next, String action, String who, String reason, String from) {
        ArrayNode shown = evidence.toJson();
        evidence = new RunEvidence(plan);
        move(
                next,
                new RolloutDecision(
                        clock.instant(), who, action, from, next.state().word(), reason, shown));
    }

    private void move(Position next, RolloutDecision decision) {
        position = next;
        rolloutLog.add(to -> to.setMeta(POSITION, PositionJson.text(next)));
        rolloutLog.add(to -> to.add(decision));
        LOG.info(
                "{} by {}, from {} to {}: {}",
                decision.action(),
                decision.who(),
                decision.from(),
                decision.to(),
                decision.reason());
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

    /// Takes something that happened.
    void take(RolloutEvent event) {
        switch (event) {
            case RolloutEvent.Assigned assigned -> begin(assigned);
            case RolloutEvent.Compared compared -> add(compared.pair());
            case RolloutEvent.Given given ->
                rolloutLog.add(to -> to.addAnswer(given.id(), given.conversation(), given.side(), given.at()));
            case RolloutEvent.Judged judged -> {
                evidence.verdict(judged.conversation(), judged.side(), judged.loss());
                rolloutLog.evidenceChanged();
            }
        }
    }

    private void begin(RolloutEvent.Assigned assigned) {
        long run = assigned.run();
        long at = assigned.at().toEpochMilli();
        if (run == position.run() && evidence.assigned(assigned.conversation(), at)) {
            String json = new OpenConversation(at).toJson();
            rolloutLog.add(to -> to.setConversation(run, assigned.conversation(), json));
        }
    }

    private void add(FinishedPair pair) {
        rolloutLog.add(to -> to.add(pair, plan.access().keepsTexts()));
        if (pair.run() == position.run()) {
            evidence.add(pair.conversation(), pair.differences()).ifPresent(conversation -> {
                String json = conversation.toJson();
                rolloutLog.add(to -> to.setConversation(pair.run(), pair.conversation(), json));
            });
        }
    }

    /// Lets closed conversations enter, decides, and writes all down.
    void advance() {
        List<String> now = evidence.enterClosed(clock.millis());
        if (!now.isEmpty()) {
            long run = position.run();
            rolloutLog.add(to -> to.setEntered(run, now));
            rolloutLog.evidenceChanged();
        }
        decide();
        flush();
    }

    private void decide() {
        if (!position.gathersEvidence()) {
            ready = false;
            return;
        }
        Optional<RolloutGate> bad = evidence.retreating();
        if (bad.isPresent()) {
            retreat(GATEWAY, "gate " + bad.get().name() + ": the candidate is worse than is tolerated");
            return;
        }
        ready = hasNext() && mayEnd(position.stage()) && evidence.allPass();
        if (ready && plan.evidence().automatic() && !position.paused()) {
            next(GATEWAY, "all gates pass");
        }
    }

    private boolean mayEnd(Stage stage) {
        return evidence.conversations() >= stage.conversations()
                && !clock.instant().isBefore(position.since().plus(stage.duration()));
    }

    private boolean hasNext() {
        return position.index() + 1 < plan.stages().size();
    }

    private void retreat(String who, String reason) {
        Position now = position;
        begin(
                new Position(now.run() + 1, now.index(), now.stage(), true, false, clock.instant()),
                "abort",
                who,
                reason,
                now.state().word());
        ready = false;
    }

    private void next(String who, String reason) {
        Position now = position;
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
    Position promote(String who, String reason, boolean forced) {
        if (position.aborted()) {
            next(who, reason);
        } else if (!hasNext()) {
            throw new InputException(
                    "the plan has no stage after " + position.state().word());
        } else if (ready || !position.gathersEvidence()) {
            next(who, reason);
        } else if (forced) {
            next(who, reason + " (forced)");
        } else {
            throw new InputException("the evidence does not allow the next stage yet; wait for it, or use force");
        }
        return written();
    }

    /// Gives all traffic back to the baseline.
    Position abort(String who, String reason) {
        if (!position.aborted()) {
            retreat(who, reason);
        }
        return written();
    }

    /// Holds the rollout where it is, or lets it go on.
    Position pause(String who, String reason, boolean paused) {
        Position now = position;
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
        return written();
    }

    private Position written() {
        flush();
        return position;
    }

    /// Writes all down, and shows the evidence.
    void flush() {
        rolloutLog.flush(position.run(), evidence, clock.instant());
        shownEvidence = evidence.toJson();
    }
}
