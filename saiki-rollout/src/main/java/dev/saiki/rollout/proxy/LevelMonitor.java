package dev.saiki.rollout.proxy;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.LevelReading;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.LevelGate;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A monitor that asks other systems whether the levels of the plan's gates hold. Each gate has its own interval and
/// thread.
public final class LevelMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LevelMonitor.class);

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final List<Thread> threads;

    private LevelMonitor(GatewayPlan plan, Rollout rollout) {
        this.plan = plan;
        this.rollout = rollout;
        this.threads = plan.operations().levels().stream()
                .map(gate -> Thread.ofVirtual().name("saiki-level").start(() -> askAlways(gate)))
                .toList();
    }

    /// Starts asking.
    ///
    /// @param plan the plan with the gates
    /// @param rollout receives the answers
    /// @return the monitor, to be closed
    public static LevelMonitor start(GatewayPlan plan, Rollout rollout) {
        return new LevelMonitor(plan, rollout);
    }

    private void askAlways(LevelGate gate) {
        try {
            while (true) {
                ask(gate);
                Thread.sleep(gate.every());
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped asking for a level", e);
        }
    }

    private void ask(LevelGate gate) {
        Position position = rollout.position();
        if (!position.gathersEvidence() || !rollout.databaseIsUp()) {
            return;
        }
        try {
            LevelReading reading = gate.check().ask(stage(position));
            LOG.debug("gate {} {}: {}", gate.name(), reading.verdict().word(), reading.words());
            rollout.record(new RolloutEvent.LevelRead(position.run(), gate.name(), reading, Instant.now()));
        } catch (RuntimeException e) {
            LOG.error("gate {} cannot ask", gate.name(), e);
        }
    }

    /// The stage, and the figures of the gates over all conversations.
    private ObjectNode stage(Position position) {
        ObjectNode stage = Json.object().put("model", plan.model());
        position.show(stage, plan.stages().size());
        ArrayNode evidence = stage.putArray("evidence");
        rollout.view()
                .evidence()
                .valueStream()
                .filter(test -> test.path("slice").asString("").isEmpty())
                .forEach(evidence::add);
        return stage;
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
