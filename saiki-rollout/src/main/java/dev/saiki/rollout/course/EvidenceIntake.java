package dev.saiki.rollout.course;

import dev.saiki.evidence.FigureTest;
import dev.saiki.rollout.check.FigureCheck;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.OpenConversation;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// The intake of evidence, which groups pairs and feedback by conversation and feeds them into the tests.
/// Conversations enter in the order in which they began, so that fast conversations do not come first. An
/// incomplete conversation enters when its time limit expires. All steps run within the caller's transaction.
///
/// @param plan the plan of the rollout
/// @param clock the clock for timestamps
/// @param database holds conversations
record EvidenceIntake(GatewayPlan plan, Clock clock, Journal database) {

    /// The maximum number of conversations read at once.
    private static final int BATCH = 256;

    /// Processes events: answers and new conversations first, and then the pairs and feedback that refer to them.
    ///
    /// @return whether tests have observed anything
    boolean take(Collection<RolloutEvent> events, long run, RunEvidence evidence) throws SQLException {
        Map<String, OpenConversation> begun = new LinkedHashMap<>();
        List<FinishedPair> pairs = new ArrayList<>();
        List<RolloutEvent.Delivered> answers = new ArrayList<>();
        List<RolloutEvent.Judged> verdicts = new ArrayList<>();
        for (RolloutEvent event : events) {
            switch (event) {
                case RolloutEvent.Assigned assigned -> {
                    if (assigned.run() == run) {
                        begun.putIfAbsent(
                                assigned.conversation(),
                                new OpenConversation(assigned.at().toEpochMilli()));
                    }
                }
                case RolloutEvent.Compared compared -> pairs.add(compared.pair());
                case RolloutEvent.Delivered given -> answers.add(given);
                case RolloutEvent.Judged judged -> verdicts.add(judged);
                case RolloutEvent.RouterRead _, RolloutEvent.Aborted _ -> {
                    // These events do not belong to a request.
                }
            }
        }
        database.addAnswers(answers);
        database.addConversations(run, begun);
        gather(pairs, run);
        boolean changed = false;
        for (RolloutEvent.Judged verdict : verdicts) {
            changed |= judge(verdict, run, evidence);
        }
        return changed;
    }

    private void gather(List<FinishedPair> pairs, long run) throws SQLException {
        database.storedPairs().add(pairs, plan.access().keepsTexts());
        Map<String, OpenConversation> touched = new LinkedHashMap<>();
        for (FinishedPair pair : pairs) {
            String key = pair.conversation();
            if (pair.run() == run && !touched.containsKey(key)) {
                database.openConversation(run, key).ifPresent(found -> touched.put(key, found));
            }
            OpenConversation conversation = pair.run() == run ? touched.get(key) : null;
            if (conversation != null) {
                conversation.add(pair.differences(), figures(pair.pair()));
            }
        }
        database.setConversations(run, touched);
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

    private boolean judge(RolloutEvent.Judged verdict, long run, RunEvidence evidence) throws SQLException {
        OptionalDouble other = database.addVerdict(run, verdict.conversation(), verdict.side(), verdict.loss());
        if (other.isPresent()) {
            double difference = verdict.loss() - other.getAsDouble();
            evidence.judged(verdict.side() == Side.CANDIDATE ? difference : -difference);
        }
        return other.isPresent();
    }

    /// Feeds closed conversations into the tests, in order, up to the first conversation that is still open.
    ///
    /// @return whether there were any closed conversations
    boolean enterClosed(long run, RunEvidence evidence) throws SQLException {
        boolean changed = false;
        List<Long> entered;
        do {
            entered = new ArrayList<>();
            for (Journal.Numbered next : database.firstOpen(run, BATCH)) {
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
        } while (entered.size() == BATCH);
        return changed;
    }
}
