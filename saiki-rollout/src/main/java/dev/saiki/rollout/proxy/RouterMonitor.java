package dev.saiki.rollout.proxy;

import dev.saiki.http.Json;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.plan.ModelEndpoint;
import dev.saiki.rollout.router.RouterReading;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int GOOD = 200;

    private final HttpRequest request;
    private final RouterWatch watch;
    private final Rollout rollout;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-router-monitor").factory());

    private Optional<RouterReading> last = Optional.empty();
    private boolean isHeard = true;

    private RouterMonitor(ModelEndpoint candidate, RouterWatch watch, Rollout rollout) {
        this.watch = watch;
        this.rollout = rollout;
        HttpRequest.Builder asked = HttpRequest.newBuilder(candidate.besideApi(
                        "/router?model=" + URLEncoder.encode(candidate.model(), StandardCharsets.UTF_8)))
                .timeout(PATIENCE);
        candidate.key().ifPresent(key -> asked.header("Authorization", "Bearer " + key));
        this.request = asked.build();
    }

    /// Starts polling.
    ///
    /// @param candidate the server to poll; its key must be an operator's
    /// @param watch the rules
    /// @param rollout receives readings
    /// @return the monitor, to be closed
    public static RouterMonitor start(ModelEndpoint candidate, RouterWatch watch, Rollout rollout) {
        RouterMonitor monitor = new RouterMonitor(candidate, watch, rollout);
        ScheduledFuture<?> _ = monitor.thread.scheduleWithFixedDelay(
                monitor::look, 0, watch.every().toMillis(), TimeUnit.MILLISECONDS);
        return monitor;
    }

    private void look() {
        try {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (answer.statusCode() != GOOD) {
                missed("status " + answer.statusCode());
                return;
            }
            RouterReading now = RouterReading.read(Json.read(answer.body()));
            rollout.looked(now, now.alarms(watch, last));
            last = Optional.of(now);
            isHeard = true;
        } catch (IOException | RuntimeException e) {
            missed(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void missed(String why) {
        if (isHeard) {
            LOG.warn(
                    "cannot read the candidate's router statistics, so its alarms are off ({}): {}",
                    request.uri(),
                    why);
        }
        isHeard = false;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        client.shutdownNow();
    }
}
