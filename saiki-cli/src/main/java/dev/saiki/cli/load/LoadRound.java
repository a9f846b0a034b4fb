package dev.saiki.cli.load;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// The outcome of a load: how many requests, how fast, and how long they took.
///
/// In an open round requests come when they come, however busy the server is, and every time is counted from
/// the moment at which a request was to come. A server that stalls so makes all those late that came
/// meanwhile, instead of keeping them from being sent and from being counted (coordinated omission). A closed
/// round has as many requests at work as it is told to, and measures throughput only.
public final class LoadRound {

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 3;

    private final Histogram firstToken = histogram();
    private final Histogram betweenTokens = histogram();
    private final Histogram whole = histogram();
    private final Histogram lag = histogram();
    private final Map<String, Integer> problems = new TreeMap<>();
    private final long start;
    private long end;
    private int answered;
    private int refused;
    private int failed;
    private long tokens;
    private long recursions;
    private long processed;
    private long cached;

    private LoadRound(long start) {
        this.start = start;
        this.end = start;
    }

    private static Histogram histogram() {
        return new Histogram(LONGEST_MICROS, DIGITS);
    }

    /// Sends requests when they are to come, and waits until all are answered.
    ///
    /// @param arrivals what comes and when
    /// @param target who answers
    /// @return what became of them
    public static LoadRound open(List<LoadPlan.Arrival> arrivals, LoadTarget target) {
        LoadRound round = new LoadRound(System.nanoTime());
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (LoadPlan.Arrival arrival : arrivals) {
                long due = round.start + arrival.afterNanos();
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                all.add(clients.submit(() -> {
                    long sent = System.nanoTime();
                    round.add(due, sent, target.ask(arrival.request()));
                }));
            }
        }
        return round.requireAll(all);
    }

    /// Keeps so many requests at work until there are no more.
    ///
    /// @param requests what to ask
    /// @param atOnce how many at the same time
    /// @param target who answers
    /// @return what became of them
    public static LoadRound closed(List<LoadRequest> requests, int atOnce, LoadTarget target) {
        LoadRound round = new LoadRound(System.nanoTime());
        Iterator<LoadRequest> left = requests.iterator();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < atOnce; client++) {
                all.add(clients.submit(() -> {
                    for (LoadRequest next = take(left); next != null; next = take(left)) {
                        long sent = System.nanoTime();
                        round.add(sent, sent, target.ask(next));
                    }
                }));
            }
        }
        return round.requireAll(all);
    }

    private static @Nullable LoadRequest take(Iterator<LoadRequest> left) {
        synchronized (left) {
            return left.hasNext() ? left.next() : null;
        }
    }

    /// An exception in a client is a mistake of this program, not of the server.
    private LoadRound requireAll(List<Future<?>> all) {
        all.forEach(Future::resultNow);
        return this;
    }

    private synchronized void add(long due, long sent, LoadOutcome outcome) {
        end = Math.max(end, System.nanoTime());
        record(lag, sent - due);
        switch (outcome) {
            case LoadOutcome.Answered answer -> {
                answered++;
                tokens += answer.tokens();
                recursions += answer.recursions();
                processed += answer.processed();
                cached += answer.cached();
                long[] times = answer.tokenNanos();
                record(whole, times[times.length - 1] - due);
                if (times.length == answer.tokens()) {
                    record(firstToken, times[0] - due);
                    for (int token = 1; token < times.length; token++) {
                        record(betweenTokens, times[token] - times[token - 1]);
                    }
                }
            }
            case LoadOutcome.Refused _ -> refused++;
            case LoadOutcome.Failed(String problem) -> {
                failed++;
                problems.merge(problem, 1, Integer::sum);
            }
        }
    }

    private static void record(Histogram histogram, long nanos) {
        histogram.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, LONGEST_MICROS));
    }

    /// Three points of a distribution of times.
    ///
    /// @param p50 median, in milliseconds
    /// @param p95 of twenty one took longer
    /// @param p99 of a hundred one took longer
    public record Percentiles(double p50, double p95, double p99) {}

    private static Percentiles percentiles(Histogram histogram) {
        return new Percentiles(
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(95) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3);
    }

    /// Returns the times to first tokens.
    ///
    /// @return from the moment at which a request was to come
    public synchronized Percentiles firstToken() {
        return percentiles(firstToken);
    }

    /// Returns the times between tokens of an answer.
    ///
    /// @return from one to the next
    public synchronized Percentiles betweenTokens() {
        return percentiles(betweenTokens);
    }

    /// Returns the times of whole answers.
    ///
    /// @return from the moment at which a request was to come
    public synchronized Percentiles whole() {
        return percentiles(whole);
    }

    /// Returns how late this program was itself, which must be little for the rest to mean anything.
    ///
    /// @return from the moment at which a request was to come until it was sent
    public synchronized Percentiles lag() {
        return percentiles(lag);
    }

    /// Returns how many requests were answered as they should be.
    ///
    /// @return requests
    public synchronized int answered() {
        return answered;
    }

    /// Returns how many were told to come again later.
    ///
    /// @return requests
    public synchronized int refused() {
        return refused;
    }

    /// Returns how many went wrong.
    ///
    /// @return requests
    public synchronized int failed() {
        return failed;
    }

    /// Returns what went wrong.
    ///
    /// @return how often, by what
    public synchronized Map<String, Integer> problems() {
        return Map.copyOf(problems);
    }

    /// Returns how long all took.
    ///
    /// @return seconds from the beginning to the last answer
    public synchronized double seconds() {
        return (end - start) / 1e9;
    }

    /// Returns the tokens of all answers.
    ///
    /// @return tokens
    public synchronized long tokens() {
        return tokens;
    }

    /// Returns how much of the prompts was found in a cache.
    ///
    /// @return tokens
    public synchronized long cachedTokens() {
        return cached;
    }

    /// Returns the throughput.
    ///
    /// @return tokens a second
    public double tokensPerSecond() {
        return tokens() / seconds();
    }

    /// Returns how deep tokens went, those of prompts included.
    ///
    /// @return recursions a token; NaN if there was none
    public synchronized double meanDepth() {
        return processed == 0 ? Double.NaN : (double) recursions / processed;
    }
}
