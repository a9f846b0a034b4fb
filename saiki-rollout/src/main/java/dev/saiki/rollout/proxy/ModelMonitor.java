package dev.saiki.rollout.proxy;

import dev.saiki.rollout.check.RemoteJson;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.router.RouterAlarm;
import dev.saiki.rollout.router.RouterReading;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// A monitor of both models' servers: which checkpoint each serves, and, if the plan asks for it, what the candidate's
/// router does. A failed poll is no alarm; gates cover failing requests.
public final class ModelMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ModelMonitor.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration EVERY = Duration.ofSeconds(10);

    /// The number of rounds after which a baseline that is no Saiki server is asked again.
    private static final int SELDOM = 30;

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-model-monitor").factory());

    private Optional<RouterReading> last = Optional.empty();
    private boolean isReadable = true;
    private boolean baselineTells = true;
    private int round;

    private ModelMonitor(GatewayPlan plan, Rollout rollout) {
        this.plan = plan;
        this.rollout = rollout;
    }

    /// Starts polling. To read a router, the key for the candidate must be an operator's.
    ///
    /// @param plan the plan with both models
    /// @param rollout receives readings
    /// @return the monitor, to be closed
    public static ModelMonitor start(GatewayPlan plan, Rollout rollout) {
        ModelMonitor monitor = new ModelMonitor(plan, rollout);
        long every =
                plan.evidence().router().map(RouterWatch::every).orElse(EVERY).toMillis();
        ScheduledFuture<?> _ = monitor.thread.scheduleWithFixedDelay(monitor::poll, 0, every, TimeUnit.MILLISECONDS);
        return monitor;
    }

    private void poll() {
        seeCheckpoint(Side.CANDIDATE);
        if (baselineTells || round % SELDOM == 0) {
            baselineTells =
                    seeCheckpoint(Side.BASELINE) || rollout.view().checkpoints().containsKey(Side.BASELINE);
        }
        round++;
        plan.evidence().router().ifPresent(this::readRouter);
    }

    /// Asks a side for the hash of its checkpoint, which only a Saiki server tells.
    private boolean seeCheckpoint(Side side) {
        try {
            String hash =
                    read(side, "/version").path("model").path("content_hash").asString("");
            if (!hash.isEmpty() && !hash.equals(rollout.view().checkpoints().get(side))) {
                rollout.record(new RolloutEvent.CheckpointSeen(side, hash));
            }
            return !hash.isEmpty();
        } catch (IOException | RuntimeException e) {
            LOG.debug("the {} does not tell its checkpoint", side.word(), e);
            return false;
        }
    }

    private JsonNode read(Side side, String path) throws IOException {
        ModelEndpoint model = plan.endpoint(side);
        String query = "?model=" + URLEncoder.encode(model.model(), StandardCharsets.UTF_8);
        return RemoteJson.send(model.besideApi(path + query), model.key(), Optional.empty(), TIMEOUT);
    }

    private void readRouter(RouterWatch watch) {
        try {
            RouterReading now = RouterReading.read(read(Side.CANDIDATE, "/router"));
            Set<RouterAlarm> alarms = now.alarms(watch, last);
            if (!alarms.equals(rollout.view().alarms())) {
                rollout.record(new RolloutEvent.RouterRead(now, alarms));
            }
            last = Optional.of(now);
            isReadable = true;
        } catch (IOException | RuntimeException e) {
            if (isReadable && !Thread.currentThread().isInterrupted()) {
                LOG.warn("cannot read the candidate's router statistics, so its alarms are off: {}", e.getMessage());
            }
            isReadable = false;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
