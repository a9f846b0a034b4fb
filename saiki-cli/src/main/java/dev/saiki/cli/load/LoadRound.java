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

/// The outcome of a load: counts, throughput and latencies.
///
/// In an open round, requests arrive on schedule however busy the server is, and every latency is measured from
/// the scheduled arrival. So if the server stalls, the latencies of all requests that arrive meanwhile include the
/// delay, which avoids coordinated omission. A closed round keeps a fixed number of requests running, and measures
/// throughput only.
public final class LoadRound {

    private static final long MAX_MICROS = TimeUnit.HOURS.toMicros(1);
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
        return new Histogram(MAX_MICROS, DIGITS);
    }

    /// Sends requests on schedule, and waits until all are answered.
    ///
    /// @param arrivals the requests with their arrival times
    /// @param target the target of the requests
    /// @return the outcome
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

    /// Keeps a fixed number of requests in flight until all have been sent and answered.
    ///
    /// @param requests the requests to send
    /// @param atOnce number of concurrent requests
    /// @param target the target of the requests
    /// @return the outcome
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

    /// Fails if a client threw an exception, which is a bug in this program, not in the server.
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
        histogram.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(nanos), 0, MAX_MICROS));
    }

    /// Three percentiles of latencies.
    ///
    /// @param p50 median, in milliseconds
    /// @param p95 latency that one request in twenty exceeds
    /// @param p99 latency that one request in a hundred exceeds
    public record Percentiles(double p50, double p95, double p99) {}

    private static Percentiles percentiles(Histogram histogram) {
        return new Percentiles(
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(95) / 1e3,
                histogram.getValueAtPercentile(99) / 1e3);
    }

    /// Returns the times to first tokens.
    ///
    /// @return percentiles of the time from the scheduled arrival to the first token
    public synchronized Percentiles firstToken() {
        return percentiles(firstToken);
    }

    /// Returns the times between two tokens of an answer.
    ///
    /// @return percentiles of the time from one token to the next
    public synchronized Percentiles betweenTokens() {
        return percentiles(betweenTokens);
    }

    /// Returns the times of whole answers.
    ///
    /// @return percentiles of the time from the scheduled arrival to the last token
    public synchronized Percentiles whole() {
        return percentiles(whole);
    }

    /// Returns the delay caused by this program itself, which must be small for the other results to be
    /// meaningful.
    ///
    /// @return percentiles of the time from the scheduled arrival until the request was sent
    public synchronized Percentiles lag() {
        return percentiles(lag);
    }

    /// Returns the number of requests answered as expected.
    ///
    /// @return requests
    public synchronized int answered() {
        return answered;
    }

    /// Returns the number of requests that the server refused while naming a time to retry.
    ///
    /// @return requests
    public synchronized int refused() {
        return refused;
    }

    /// Returns the number of failed requests.
    ///
    /// @return requests
    public synchronized int failed() {
        return failed;
    }

    /// Returns the failures.
    ///
    /// @return counts by description
    public synchronized Map<String, Integer> problems() {
        return Map.copyOf(problems);
    }

    /// Returns the duration of the round.
    ///
    /// @return seconds from the start to the last answer
    public synchronized double seconds() {
        return (end - start) / 1e9;
    }

    /// Returns the number of tokens of all answers.
    ///
    /// @return tokens
    public synchronized long tokens() {
        return tokens;
    }

    /// Returns the number of prompt tokens found in a cache.
    ///
    /// @return tokens
    public synchronized long cachedTokens() {
        return cached;
    }

    /// Returns the throughput.
    ///
    /// @return tokens per second
    public double tokensPerSecond() {
        return tokens() / seconds();
    }

    /// Returns the mean depth of tokens, including those of prompts.
    ///
    /// @return recursions per token; NaN if there were none
    public synchronized double meanDepth() {
        return processed == 0 ? Double.NaN : (double) recursions / processed;
    }
}
