package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.check.RemoteJson;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.journal.RolloutDecision;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// The sender of decisions and alarms to the plan's webhooks. Each webhook has a queue and a thread of its own, so that
/// a rollout never waits for one. What cannot be delivered is logged and given up; decisions stay in the database.
final class Notifier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    private static final int CAPACITY = 100;
    private static final int ATTEMPTS = 5;

    /// The pause after the first attempt, if nobody sets another.
    static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration TO_END = Duration.ofSeconds(5);

    private final String model;
    private final Duration pause;
    private final List<Hook> hooks = new ArrayList<>();

    /// A webhook with what it has not received yet.
    private record Hook(RemoteService service, BlockingQueue<ObjectNode> waiting, Thread thread) {}

    /// Starts a thread for each webhook.
    ///
    /// @param model the name by which clients know the model
    /// @param pause the pause after the first attempt; it doubles with each further attempt
    Notifier(String model, List<RemoteService> services, Duration pause) {
        this.model = model;
        this.pause = pause;
        for (RemoteService service : services) {
            BlockingQueue<ObjectNode> waiting = new ArrayBlockingQueue<>(CAPACITY);
            Thread thread = Thread.ofVirtual().name("saiki-notifier").start(() -> sendAll(service, waiting));
            hooks.add(new Hook(service, waiting, thread));
        }
    }

    /// Tells a decision.
    void tell(RolloutDecision decision) {
        ObjectNode message = message(decision.words());
        message.set("decision", decision.toJson());
        offer(message);
    }

    /// Tells an alarm that is no decision.
    void alarm(String words) {
        offer(message(words).put("alarm", words));
    }

    /// A message with the field `text`, which chats such as Slack show; they read some characters as their own markup.
    private ObjectNode message(String words) {
        String text = model + ": " + words;
        return Json.object()
                .put("text", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                .put("model", model);
    }

    private void offer(ObjectNode message) {
        for (Hook hook : hooks) {
            if (!hook.waiting().offer(message)) {
                LOG.error("{} takes no notifications, so one is given up: {}", hook.service(), message.path("text"));
            }
        }
    }

    private void sendAll(RemoteService service, BlockingQueue<ObjectNode> waiting) {
        try {
            while (true) {
                ObjectNode message = waiting.take();
                if (message.isEmpty()) {
                    return;
                }
                send(service, message);
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped sending notifications", e);
        }
    }

    private void send(RemoteService service, ObjectNode message) throws InterruptedException {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                RemoteJson.tell(service.url(), service.key(), message, service.timeout());
                return;
            } catch (IOException | RuntimeException e) {
                LOG.warn("attempt {} of {} to notify {} failed: {}", attempt, ATTEMPTS, service, e.getMessage());
            }
            if (attempt < ATTEMPTS) {
                Thread.sleep(pause.multipliedBy(1L << (attempt - 1)));
            }
        }
        LOG.error("{} was not notified: {}", service, message.path("text"));
    }

    /// Sends what waits, for a short time, and stops.
    @Override
    public void close() {
        try {
            // An empty message ends a thread.
            hooks.forEach(hook -> hook.waiting().offer(Json.object()));
            for (Hook hook : hooks) {
                if (!hook.thread().join(TO_END)) {
                    hook.thread().interrupt();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
