package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.OpenConversation;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The intake of evidence, which gathers what requests show by conversation and feeds it into the tests.
///
/// Conversations enter in the order in which they began, so that fast answers do not come first. One that is not
/// complete when its time is over enters with what is owed: an answer that the candidate has not delivered counts as
/// the worst one, unless the gateway that asked for it has stopped ({@link GatewaySigns}). All steps run within the
/// caller's transaction.
final class EvidenceIntake {

    /// The maximum number of conversations read at once.
    private static final int BATCH = 256;

    private final GatewayPlan plan;
    private final Journal database;

    private final Map<String, OpenConversation.Beginning> begun = new LinkedHashMap<>();
    private final List<RolloutEvent.Ended> ends = new ArrayList<>();
    private final List<RolloutEvent.Withdrawn> withdrawn = new ArrayList<>();
    private final List<RolloutEvent.Watched> watched = new ArrayList<>();
    private final List<FinishedPair> pairs = new ArrayList<>();
    private final List<RolloutEvent.Delivered> answers = new ArrayList<>();
    private final List<RolloutEvent.Judged> verdicts = new ArrayList<>();

    private Optional<OpenConversation.Beginning> awaited = Optional.empty();

    EvidenceIntake(GatewayPlan plan, Journal database) {
        this.plan = plan;
        this.database = database;
    }

    /// Accepts an event of a request, until {@link #store} is called.
    void accept(RolloutEvent.OfRequest event, long run, TrafficSlices slices, String gateway) {
        switch (event) {
            case RolloutEvent.Assigned assigned -> {
                if (assigned.run() == run && !begun.containsKey(assigned.conversation())) {
                    slices.admit(assigned)
                            .ifPresent(tested -> begun.put(
                                    assigned.conversation(),
                                    new OpenConversation.Beginning(
                                            assigned.at().toEpochMilli(),
                                            gateway,
                                            assigned.owing(),
                                            assigned.isFirst(),
                                            tested)));
                }
            }
            case RolloutEvent.Ended ended -> ends.add(ended);
            case RolloutEvent.Withdrawn one -> withdrawn.add(one);
            case RolloutEvent.Watched one -> watched.add(one);
            case RolloutEvent.Compared compared -> pairs.add(compared.pair());
            case RolloutEvent.Delivered given -> answers.add(given);
            case RolloutEvent.Judged judged -> verdicts.add(judged);
        }
    }

    /// Stores what was accepted: answers and new conversations first, then the pairs, ends and feedback that refer to
    /// them.
    ///
    /// @param departures counts the baseline's requests
    /// @return whether tests or slices have observed anything
    boolean store(long run, RunEvidence evidence, Departures departures) throws SQLException {
        database.addAnswers(answers);
        Map<String, OpenConversation> fresh = new LinkedHashMap<>();
        begun.forEach((key, beginning) -> fresh.put(key, new OpenConversation(beginning)));
        database.addConversations(run, fresh);
        database.storedPairs().add(pairs, plan.access().keepsTexts());
        Map<String, OpenConversation> touched = new LinkedHashMap<>();
        for (FinishedPair pair : pairs) {
            if (pair.run() == run) {
                open(pair.conversation(), run, touched).ifPresent(found -> found.add(pair.observed()));
            }
        }
        for (RolloutEvent.Watched one : watched) {
            if (one.run() == run) {
                open(one.conversation(), run, touched).ifPresent(found -> found.add(one.observed()));
            }
        }
        for (RolloutEvent.Ended ended : ends) {
            end(ended, run, touched, departures);
        }
        for (RolloutEvent.Withdrawn one : withdrawn) {
            if (one.run() == run) {
                open(one.conversation(), run, touched).ifPresent(OpenConversation::withdraw);
            }
        }
        database.setConversations(run, touched);
        boolean changed = !fresh.isEmpty();
        for (RolloutEvent.Judged verdict : verdicts) {
            changed |= judge(verdict, run, evidence);
        }
        clear();
        return changed;
    }

    /// Drops what was accepted and could not be stored.
    void clear() {
        begun.clear();
        ends.clear();
        withdrawn.clear();
        watched.clear();
        pairs.clear();
        answers.clear();
        verdicts.clear();
    }

    private Optional<OpenConversation> open(String key, long run, Map<String, OpenConversation> touched)
            throws SQLException {
        if (!touched.containsKey(key)) {
            database.openConversation(run, key).ifPresent(found -> touched.put(key, found));
        }
        return Optional.ofNullable(touched.get(key));
    }

    /// Of the baseline's requests all that begin a conversation count; of the candidate's, those that are compared.
    private void end(RolloutEvent.Ended ended, long run, Map<String, OpenConversation> touched, Departures departures)
            throws SQLException {
        if (ended.side() == Side.BASELINE && ended.isFirstTurn()) {
            departures.count(ended.isLeft());
        }
        if (ended.side() == Side.CANDIDATE
                && ended.run() == run
                && !ended.conversation().isEmpty()) {
            open(ended.conversation(), run, touched).ifPresent(found -> found.note(ended.isLeft()));
        }
    }

    private boolean judge(RolloutEvent.Judged verdict, long run, RunEvidence evidence) throws SQLException {
        OptionalDouble other = database.addVerdict(run, verdict.conversation(), verdict.side(), verdict.loss());
        if (other.isPresent()) {
            double difference = verdict.loss() - other.getAsDouble();
            evidence.judged(verdict.side() == Side.CANDIDATE ? difference : -difference);
        }
        return other.isPresent();
    }

    /// The oldest conversation that is still awaited, as of the last {@link #enterClosed}.
    Optional<OpenConversation.Beginning> awaited() {
        return awaited;
    }

    /// Feeds complete and overdue conversations into the tests, in order, up to the first one that is still awaited, or
    /// to the one that is enough for a retreat.
    ///
    /// @param fates what becomes of conversations that are not complete
    /// @param mayRetreat whether a retreat would end the run
    /// @return whether there were any
    boolean enterClosed(
            long run,
            RunEvidence evidence,
            Departures departures,
            Function<OpenConversation.Beginning, GatewaySigns.Fate> fates,
            boolean mayRetreat)
            throws SQLException {
        boolean changed = false;
        boolean isEnough = false;
        awaited = Optional.empty();
        List<Long> entered;
        do {
            entered = new ArrayList<>();
            for (Journal.Numbered next : database.firstOpen(run, BATCH)) {
                OpenConversation conversation = next.conversation();
                GatewaySigns.Fate fate = fates.apply(conversation.beginning());
                if (!conversation.isComplete() && fate == GatewaySigns.Fate.WAITS) {
                    awaited = Optional.of(conversation.beginning());
                    break;
                }
                boolean isOwed = !conversation.isComplete()
                        && fate == GatewaySigns.Fate.OVERDUE
                        && conversation.beginning().owing() == Side.CANDIDATE;
                evidence.enter(conversation, isOwed, departures);
                entered.add(next.number());
                isEnough = mayRetreat && evidence.retreating().isPresent();
                if (isEnough) {
                    break;
                }
            }
            database.setEntered(entered);
            changed |= !entered.isEmpty();
        } while (entered.size() == BATCH && !isEnough);
        return changed;
    }
}
