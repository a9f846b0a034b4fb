package dev.saiki.rollout.course;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import dev.saiki.rollout.plan.RolloutState;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A rollout whose requests and answers are simulated: outcomes of both sides pass the gates' checks, the intake, the
/// journal and the course, as those of the mirror do. Only HTTP is left out.
final class SimulatedRollout implements AutoCloseable {

    private static final Instant START = Instant.parse("2026-11-30T08:00:00Z");
    private static final Subject SUBJECT = new Subject("", "");

    private final GatewayPlan plan;
    private final Duration pause;
    private final Journal journal;
    private final RolloutCourse course;
    private final List<RolloutEvent> waiting = new ArrayList<>();
    private Instant now = START;
    private long begun;

    /// A conversation.
    ///
    /// @param baseline the baseline's outcome
    /// @param candidate the candidate's outcome
    /// @param traits the traits of its request
    record Conversation(Outcome baseline, Outcome candidate, List<String> traits) {

        Conversation {
            traits = List.copyOf(traits);
        }
    }

    /// @param pause the time between two conversations
    SimulatedRollout(GatewayPlan plan, Duration pause) throws SQLException {
        this.plan = plan;
        this.pause = pause;
        this.journal = Journal.open(plan.database());
        Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
        this.course = new RolloutCourse(plan, clock, journal, new Notifier("assistant", List.of(), Notifier.PAUSE));
        course.begin();
    }

    /// Adds a conversation, which waits for the next look.
    void add(Conversation conversation) {
        long run = course.position().run();
        String key = Long.toString(++begun);
        Pair pair = new Pair("{}", conversation.baseline(), conversation.candidate());
        Map<String, Sides> observed = new LinkedHashMap<>();
        for (RolloutGate gate : plan.gates()) {
            gate.check().observe(pair).ifPresent(sides -> observed.put(gate.name(), sides));
        }
        waiting.add(new RolloutEvent.Assigned(run, key, true, "", Side.CANDIDATE, conversation.traits(), now));
        waiting.add(
                new RolloutEvent.Compared(new FinishedPair(run, key, SUBJECT, RequestKind.CHAT, now, pair, observed)));
        now = now.plus(pause);
    }

    /// Lets the course take what waits, and decide.
    void look() throws SQLException {
        course.round(waiting);
        waiting.clear();
    }

    /// Ends the evidence so far, as an operator who aborts and begins again.
    void beginAgain() throws SQLException {
        course.round(List.of(new RolloutEvent.Aborted("ann", "no decision")));
        course.promote(course.position().run(), "ann", "another attempt", false);
    }

    /// Begins again after a retreat.
    void resume() throws SQLException {
        course.promote(course.position().run(), "ann", "another attempt", false);
    }

    RolloutState state() {
        return course.position().state();
    }

    long conversations() {
        return begun;
    }

    /// The reason of the newest decision.
    String reason() throws SQLException {
        return journal.decisions(1).path(0).path("reason").asString("");
    }

    @Override
    public void close() {
        journal.close();
    }
}
