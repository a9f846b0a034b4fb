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

/// The mutual monitoring of the processes in a group; it attributes a failure to the rank of a process.
///
/// Gloo reports closed connections and timeouts, not their cause: when one process ends, the others close their
/// connections one after the other. A process that notices a failure therefore raises an alarm in the store, and a
/// thread of every process answers with the number of operations it has started. A process that does not answer is
/// dead or stopped; if all answer, those that have started fewer operations than another keep the others waiting.
/// The process that raises the alarm first judges for all, so the number of calls grows linearly with the group.
final class PeerWatch implements AutoCloseable {

    private static final Duration PERIOD = Duration.ofMillis(200);
    private static final Duration TIME_TO_ANSWER = Duration.ofMillis(1_500);
    private static final Duration TIME_TO_JUDGE = Duration.ofMillis(1_900);
    private static final Duration TIME_OF_HOST = Duration.ofMillis(600);
    private static final Duration TIME_OF_STORE = Duration.ofMillis(2_500);

    private static final String HERE = "watch/number-here";
    private static final String ALL = "watch/all-here";
    private static final String ABSENT = "watch/absent";
    private static final String ALARM = "watch/alarm";
    private static final String ANSWERS = "watch/number-answered";
    private static final String VERDICT = "watch/verdict";
    private static final String READERS = "watch/number-read";

    private final Rendezvous place;
    private final StoreClient store;
    private final LongSupplier progress;
    private boolean isJudge;
    private final CompletableFuture<String> blame = new CompletableFuture<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("saiki-peer-watch").factory());

    /// Creates a watch, which starts once all processes have joined.
    ///
    /// @param store a client of the store that nothing else uses
    /// @param progress the number of operations that this process has started
    PeerWatch(Rendezvous place, StoreClient store, LongSupplier progress) {
        this.place = place;
        this.store = store;
        this.progress = progress;
    }

    /// Waits until all processes have joined, and then answers alarms.
    ///
    /// @throws ProcessGroupException if ranks did not join in time; the message names them
    void awaitAll() {
        set("here", place.rank(), "");
        if (store.add(HERE, 1) == place.size()) {
            store.set(ALL, "");
        }
        try {
            store.await(ALL, place.joinTimeout());
        } catch (RuntimeException e) {
            throw new ProcessGroupException(absent(), e);
        }
        long period = PERIOD.toMillis();
        ScheduledFuture<?> _ = thread.scheduleWithFixedDelay(this::answerAlarm, period, period, TimeUnit.MILLISECONDS);
    }

    /// Names the absent ranks, which one of the waiting processes finds out.
    private String absent() {
        if (store.add("watch/late", 1) == 1) {
            String absent = ranks(IntStream.range(0, place.size())
                    .filter(rank -> !store.has(key("here", rank)))
                    .boxed()
                    .toList());
            store.set(ABSENT, absent);
        }
        store.await(ABSENT, TIME_TO_ANSWER);
        return store.get(ABSENT) + " of " + place.size() + " did not reach " + place.host() + ":" + place.port()
                + " within " + place.joinTimeout().toSeconds() + " s";
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
            isJudge = store.add("watch/judges", 1) == 1;
            store.set(ALARM, "");
        } catch (RuntimeException e) {
            blame.complete(hostIsGone());
        }
        answerAlarm();
    }

    private void answerAlarm() {
        try {
            if (place.rank() == 0) {
                store.add(Milestones.HEARTBEAT, 1);
            }
            if (!blame.isDone() && store.has(ALARM)) {
                set("answer", place.rank(), String.valueOf(progress.getAsLong()));
                store.add(ANSWERS, 1);
                blame.complete(isJudge ? judge() : verdict());
            }
        } catch (RuntimeException e) {
            blame.complete(hostIsGone());
        }
    }

    /// Finds out which ranks failed, and tells the others.
    private String judge() {
        await(TIME_TO_ANSWER, () -> store.add(ANSWERS, 0) == place.size());
        Map<Integer, Long> answers = new TreeMap<>();
        Map<Integer, String> reasons = new TreeMap<>();
        for (int rank = 0; rank < place.size(); rank++) {
            if (store.has(key("left", rank))) {
                reasons.put(rank, store.get(key("left", rank)));
            }
            if (store.has(key("answer", rank))) {
                answers.put(rank, Long.parseLong(store.get(key("answer", rank))));
            }
        }
        String blame = blame(answers, reasons);
        store.set(VERDICT, blame);
        awaitReaders();
        return blame;
    }

    /// Returns what the judging process has found out.
    private String verdict() {
        String verdict;
        try {
            store.await(VERDICT, TIME_TO_JUDGE);
            verdict = store.get(VERDICT);
        } catch (RuntimeException late) {
            store.has(ALARM); // Fails if the store is gone.
            verdict = "at least two ranks of " + place.size() + " have ended or do not answer";
        }
        awaitReaders();
        return verdict;
    }

    /// Keeps the store, which ends with the first process, until the others have read the verdict.
    private void awaitReaders() {
        store.add(READERS, 1);
        if (place.rank() == 0) {
            await(TIME_OF_HOST, () -> store.add(READERS, 0) >= store.add(ANSWERS, 0));
        }
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

    private static String key(String name, int rank) {
        return "watch/" + name + "/" + rank;
    }

    private void set(String name, int rank, String value) {
        store.set(key(name, rank), value);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(TIME_OF_STORE.toMillis(), TimeUnit.MILLISECONDS)) {
                store.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
