package dev.saiki.rollout.proxy;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.check.GoldenQuestion;
import dev.saiki.rollout.course.GoldenConversation;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.FinishedPair;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.pair.Pair;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutGate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// The sender of golden questions, in addition to clients' requests. For each gate that has such questions, one
/// question after the other is sent to both sides. Each question is its own conversation and counts for its gate
/// only.
final class GoldenAsker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GoldenAsker.class);

    private static final Duration TO_END = Duration.ofSeconds(2);

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final Mirror mirror;
    private final GatewayMetrics metrics;
    private final List<Thread> threads = new ArrayList<>();

    private GoldenAsker(GatewayPlan plan, Rollout rollout, Mirror mirror, GatewayMetrics metrics) {
        this.plan = plan;
        this.rollout = rollout;
        this.mirror = mirror;
        this.metrics = metrics;
    }

    /// Starts sending, if there are golden questions.
    static GoldenAsker start(GatewayPlan plan, Rollout rollout, Mirror mirror, GatewayMetrics metrics) {
        GoldenAsker asker = new GoldenAsker(plan, rollout, mirror, metrics);
        for (RolloutGate gate : plan.gates()) {
            if (gate.check() instanceof GoldenCheck golden) {
                asker.threads.add(
                        Thread.ofVirtual().name("saiki-golden").start(() -> asker.askAll(gate.name(), golden)));
            }
        }
        return asker;
    }

    private void askAll(String gate, GoldenCheck golden) {
        RandomGenerator random = RandomGenerator.getDefault();
        List<GoldenQuestion> questions = golden.questions();
        try {
            while (true) {
                Thread.sleep(golden.every());
                Position position = rollout.position();
                if (!position.aborted() && rollout.databaseIsUp()) {
                    ask(gate, questions.get(random.nextInt(questions.size())), position);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped sending golden questions", e);
        }
    }

    private void ask(String gate, GoldenQuestion question, Position position) throws InterruptedException {
        try {
            ObjectNode fields = question.request().deepCopy();
            fields.put("model", plan.model());
            ForwardedRequest request = ForwardedRequest.own(question.path(), fields);
            boolean isCompared = position.gathersEvidence();
            Optional<Outcome> baseline =
                    isCompared ? Optional.of(ask(request, Side.BASELINE, position)) : Optional.empty();
            Outcome candidate = ask(request, Side.CANDIDATE, position);
            Pair pair = new Pair(request.text(), baseline.orElse(candidate), candidate);
            Map<String, Sides> observed = new LinkedHashMap<>();
            if (isCompared && pair.baseline() instanceof Outcome.Failed failed && candidate instanceof Outcome.Failed) {
                LOG.warn(
                        "gate {}: neither side answers the golden question in line {}, so it counts for nothing: {}",
                        gate,
                        question.line(),
                        failed.reason());
            } else {
                question.observe(pair).ifPresent(sides -> observed.put(gate, sides));
            }
            String conversation = GoldenConversation.key(question.line());
            rollout.record(new RolloutEvent.Assigned(
                    position.run(), conversation, true, "", Side.BASELINE, List.of(), Instant.now()));
            if (!isCompared) {
                rollout.record(new RolloutEvent.Watched(position.run(), conversation, observed));
                return;
            }
            mirror.record(new FinishedPair(
                    position.run(),
                    conversation,
                    new Subject("", ""),
                    RequestKind.GOLDEN,
                    Instant.now(),
                    pair,
                    observed));
        } catch (RuntimeException e) {
            LOG.error("a golden question failed", e);
        }
    }

    private Outcome ask(ForwardedRequest request, Side side, Position position) throws InterruptedException {
        Outcome outcome;
        try (HeldBytes.Share share = mirror.share()) {
            outcome = mirror.ask(request, side, position, share);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("the gateway is shutting down");
        }
        metrics.askedGolden(side, outcome);
        return outcome;
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        try {
            for (Thread thread : threads) {
                boolean _ = thread.join(TO_END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
