package dev.saiki.rollout.proxy;

import dev.saiki.rollout.check.RemoteJson;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.router.RouterReading;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A monitor of the candidate's router, which polls the candidate's `/router`. A failed poll is no alarm; gates cover
/// failing requests.
public final class RouterMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RouterMonitor.class);

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ModelEndpoint candidate;
    private final URI address;
    private final RouterWatch watch;
    private final Rollout rollout;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-router-monitor").factory());

    private Optional<RouterReading> last = Optional.empty();
    private boolean isReadable = true;

    private RouterMonitor(ModelEndpoint candidate, RouterWatch watch, Rollout rollout) {
        this.candidate = candidate;
        this.address =
                candidate.besideApi("/router?model=" + URLEncoder.encode(candidate.model(), StandardCharsets.UTF_8));
        this.watch = watch;
        this.rollout = rollout;
    }

    /// Starts polling.
    ///
    /// @param candidate the server to poll; the key for this server must be an operator's
    /// @param watch the rules
    /// @param rollout receives readings
    /// @return the monitor, to be closed
    public static RouterMonitor start(ModelEndpoint candidate, RouterWatch watch, Rollout rollout) {
        RouterMonitor monitor = new RouterMonitor(candidate, watch, rollout);
        ScheduledFuture<?> _ = monitor.thread.scheduleWithFixedDelay(
                monitor::poll, 0, watch.every().toMillis(), TimeUnit.MILLISECONDS);
        return monitor;
    }

    private void poll() {
        try {
            RouterReading now =
                    RouterReading.read(RemoteJson.send(address, candidate.key(), Optional.empty(), TIMEOUT));
            rollout.routerRead(now, now.alarms(watch, last));
            last = Optional.of(now);
            isReadable = true;
        } catch (IOException | RuntimeException e) {
            if (isReadable && !Thread.currentThread().isInterrupted()) {
                LOG.warn(
                        "cannot read the candidate's router statistics, so its alarms are off ({}): {}",
                        address,
                        e.getMessage());
            }
            isReadable = false;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
