package dev.saiki.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Clients of a gateway that send requests of continuing and of new conversations until they are stopped.
final class RolloutClients implements AutoCloseable {

    private static final int CLIENTS = 6;
    private static final int PAUSE_MILLIS = 30;
    private static final int AGAIN_MILLIS = 500;

    private final LiveRollout rollout;
    private final List<String> kept;
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger fresh = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;

    /// A request and its outcome.
    ///
    /// @param conversation the conversation of the request
    /// @param from the time of sending, in this JVM's nanoseconds
    /// @param until the time at which the answer ended
    /// @param answer the answer
    record Asked(String conversation, long from, long until, GatewayProcess.Answer answer) {

        /// Whether the request overlaps an outage.
        boolean overlaps(Outage outage) {
            return from <= outage.until() && until >= outage.from();
        }
    }

    /// An outage.
    ///
    /// @param of the part that was down
    /// @param from the time at which it was hit
    /// @param until the time at which it had recovered
    record Outage(String of, long from, long until) {}

    private RolloutClients(LiveRollout rollout, int keptOnes) {
        this.rollout = rollout;
        this.kept = kept(keptOnes);
    }

    /// The names of the continuing conversations.
    static List<String> kept(int count) {
        return IntStream.range(0, count).mapToObj(number -> "kept-" + number).toList();
    }

    /// Starts sending requests.
    static RolloutClients start(LiveRollout rollout, int keptOnes) {
        RolloutClients clients = new RolloutClients(rollout, keptOnes);
        for (int client = 0; client < CLIENTS; client++) {
            int seed = client;
            clients.threads.execute(() -> clients.askOn(new Random(seed)));
        }
        return clients;
    }

    private void askOn(Random random) {
        try {
            while (!stopped) {
                String conversation =
                        random.nextBoolean() ? kept.get(random.nextInt(kept.size())) : "new-" + fresh.incrementAndGet();
                long from = System.nanoTime();
                GatewayProcess.Answer answer =
                        rollout.gateway().ask(conversation, "the captain " + random.nextInt(100), random.nextBoolean());
                asked.add(new Asked(conversation, from, System.nanoTime(), answer));
                // A client that cannot connect tries again a little later.
                Thread.sleep(answer.status() == 0 ? AGAIN_MILLIS : PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for a number of further answers.
    void awaitMore(int count) throws InterruptedException {
        long wanted = whole() + count;
        for (int time = 0; whole() < wanted; time++) {
            if (time > 6000) {
                throw new AssertionError("no answers come any more; the last one: "
                        + asked.stream().toList().getLast());
            }
            Thread.sleep(10);
        }
    }

    private long whole() {
        return asked.stream().filter(one -> one.answer().isWhole()).count();
    }

    /// Sends no more requests, and waits for all answers.
    ///
    /// @return all requests
    List<Asked> stop() {
        stopped = true;
        threads.close();
        return new ArrayList<>(asked);
    }

    @Override
    public void close() {
        stopped = true;
        threads.close();
    }
}
