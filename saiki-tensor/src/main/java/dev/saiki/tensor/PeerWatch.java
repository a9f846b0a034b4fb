package dev.saiki.tensor;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;

/// The mutual monitoring of the processes in a group; it attributes a failure to the rank of a process.
///
/// Gloo reports closed connections and timeouts, not their cause: when one process ends, the others close their
/// connections one after the other. A process that notices a failure therefore raises an alarm in the store, and a
/// thread of every process answers with the number of operations it has started. A process that does not answer is
/// dead or stopped; if all answer, those that have started fewer operations than another keep the others waiting.
final class PeerWatch implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(200);
    private static final Duration TIME_TO_ANSWER = Duration.ofMillis(1_500);
    private static final Duration TIME_OF_HOST = Duration.ofMillis(600);
    private static final Duration TIME_OF_STORE = Duration.ofMillis(2_500);

    private final Rendezvous place;
    private final TCPStore store;
    private final LongSupplier progress;
    private final CompletableFuture<String> blame = new CompletableFuture<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-peer-watch").factory());

    /// Creates a watch, which starts once all processes have joined.
    ///
    /// @param store a client of the store that nothing else uses
    /// @param progress the number of operations that this process has started
    PeerWatch(Rendezvous place, TCPStore store, LongSupplier progress) {
        this.place = place;
        this.store = store;
        this.progress = progress;
    }

    /// Waits until all processes have joined, and then answers alarms.
    ///
    /// @throws ProcessGroupException if ranks did not join in time; the message names them
    void awaitAll() {
        set("here", place.rank(), "");
        String[] keys = IntStream.range(0, place.size())
                .mapToObj(rank -> key("here", rank))
                .toArray(String[]::new);
        try (StringVector all = new StringVector(keys);
                Milliseconds limit = new Milliseconds(place.joinTimeout().toMillis())) {
            store._wait(all, limit);
        } catch (RuntimeException e) {
            String absent = ranks(IntStream.range(0, place.size())
                    .filter(rank -> !has(key("here", rank)))
                    .boxed()
                    .toList());
            throw new ProcessGroupException(
                    absent + " of " + place.size() + " did not reach " + place.host() + ":" + place.port() + " within "
                            + place.joinTimeout().toSeconds() + " s",
                    e);
        }
        long period = PERIOD.toMillis();
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(this::answerAlarm, period, period, TimeUnit.MILLISECONDS);
    }

    /// Raises the alarm and returns a message that names the failed ranks.
    String whoFailed() {
        thread.execute(this::raiseAlarm);
        try {
            return blame.get(TIME_OF_STORE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return hostIsGone();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted while checking which peer failed";
        }
    }

    /// Announces that this process ends because of a failure of its own.
    void leave(String reason) {
        thread.execute(() -> {
            try {
                set("left", place.rank(), reason);
            } catch (RuntimeException hostIsGone) {
                blame.complete(hostIsGone());
            }
        });
        whoFailed();
    }

    /// Returns the message that names the failed ranks; empty as long as no process has raised the alarm.
    Optional<String> alarm() {
        return Optional.ofNullable(blame.getNow(null));
    }

    private void raiseAlarm() {
        try {
            store.set(key("alarm"), "");
        } catch (RuntimeException e) {
            blame.complete(hostIsGone());
        }
        answerAlarm();
    }

    private void answerAlarm() {
        try {
            if (place.rank() == 0) {
                store.add(Milestones.heartbeat(place), 1);
            }
            if (!blame.isDone() && has(key("alarm"))) {
                set("answer", place.rank(), String.valueOf(progress.getAsLong()));
                blame.complete(collect());
            }
        } catch (RuntimeException e) {
            blame.complete(hostIsGone());
        }
    }

    private String collect() {
        Map<Integer, Long> answers = new TreeMap<>();
        Map<Integer, String> reasons = new TreeMap<>();
        await(TIME_TO_ANSWER, () -> {
            for (int rank = 0; rank < place.size(); rank++) {
                if (!reasons.containsKey(rank) && has(key("left", rank))) {
                    reasons.put(rank, store.get_to_str(key("left", rank)));
                }
                if (!answers.containsKey(rank) && has(key("answer", rank))) {
                    answers.put(rank, Long.parseLong(store.get_to_str(key("answer", rank))));
                }
            }
            return answers.size() == place.size();
        });
        set("knows", place.rank(), "");
        if (place.rank() == 0) {
            // The store ends with this process, so this process waits until the others have read the store's
            // content.
            await(TIME_OF_HOST, () -> answers.keySet().stream().allMatch(rank -> has(key("knows", rank))));
        }
        return blame(answers, reasons);
    }

    private String blame(Map<Integer, Long> answers, Map<Integer, String> reasons) {
        if (!reasons.isEmpty()) {
            return reasons.entrySet().stream()
                    .map(entry ->
                            ranks(List.of(entry.getKey())) + " of " + place.size() + " failed: " + entry.getValue())
                    .collect(Collectors.joining("; "));
        }
        List<Integer> silent = IntStream.range(0, place.size())
                .filter(rank -> !answers.containsKey(rank))
                .boxed()
                .toList();
        if (!silent.isEmpty()) {
            return ranks(silent) + " of " + place.size() + " has ended or does not answer";
        }
        long farthest =
                answers.values().stream().mapToLong(Long::longValue).max().orElse(0);
        List<Integer> behind = answers.entrySet().stream()
                .filter(entry -> entry.getValue() < farthest)
                .map(Map.Entry::getKey)
                .toList();
        return behind.isEmpty()
                ? "no rank of " + place.size() + " is behind, but the ranks lost their connection"
                : ranks(behind) + " of " + place.size() + " kept the others waiting for more than "
                        + place.timeout().toSeconds() + " s";
    }

    private String hostIsGone() {
        return (place.isHosted()
                        ? "the launcher's store at "
                        : "rank 0 of " + place.size() + ", which holds the store at ")
                + place.host() + ":" + place.port() + ", has ended or does not answer";
    }

    private static String ranks(List<Integer> numbers) {
        return (numbers.size() == 1 ? "rank " : "ranks ")
                + numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Duration limit, Condition condition) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (!condition.holds() && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String key(String name) {
        return place.generation() + "/watch/" + name;
    }

    private String key(String name, int rank) {
        return key(name) + "/" + rank;
    }

    private void set(String name, int rank, String value) {
        store.set(key(name, rank), value);
    }

    private boolean has(String key) {
        try (StringVector keys = new StringVector(key)) {
            return store.check(keys);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(TIME_OF_STORE.toMillis(), TimeUnit.MILLISECONDS)) {
                store.deallocate();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
