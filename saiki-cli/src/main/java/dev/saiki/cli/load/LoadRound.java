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
///
/// @param answered number of requests answered as expected
/// @param refused number of requests that the server refused while naming a time to retry
/// @param failed number of failed requests
/// @param seconds seconds from the start to the last answer
/// @param tokens number of tokens of all answers
/// @param tokensPerSecond throughput
/// @param meanDepth mean recursions of tokens, including those of prompts; NaN if there were none
/// @param cachedTokens number of prompt tokens found in a cache
/// @param firstTokenMs time from the scheduled arrival to the first token
/// @param nextTokenMs time from one token of an answer to the next
/// @param answerMs time from the scheduled arrival to the last token
/// @param lagMs time from the scheduled arrival until the request was sent: the delay caused by this program
///     itself, which must be small for the other results to be meaningful
/// @param problems counts of failures by description
public record LoadRound(
        int answered,
        int refused,
        int failed,
        double seconds,
        long tokens,
        double tokensPerSecond,
        double meanDepth,
        long cachedTokens,
        Percentiles firstTokenMs,
        Percentiles nextTokenMs,
        Percentiles answerMs,
        Percentiles lagMs,
        Map<String, Integer> problems) {

    private static final long MAX_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 3;

    /// Copies the problems.
    public LoadRound {
        problems = Map.copyOf(problems);
    }

    /// Three percentiles of latencies.
    ///
    /// @param p50 median, in milliseconds
    /// @param p95 latency that one request in twenty exceeds
    /// @param p99 latency that one request in a hundred exceeds
    public record Percentiles(double p50, double p95, double p99) {

        static Percentiles of(Histogram micros) {
            return new Percentiles(
                    micros.getValueAtPercentile(50) / 1e3,
                    micros.getValueAtPercentile(95) / 1e3,
                    micros.getValueAtPercentile(99) / 1e3);
        }
    }

    /// Sends requests on schedule, and waits until all are answered.
    ///
    /// @param arrivals the requests with their arrival times
    /// @param target the target of the requests
    /// @return the outcome
    public static LoadRound open(List<LoadPlan.Arrival> arrivals, LoadTarget target) {
        Tally tally = new Tally();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (LoadPlan.Arrival arrival : arrivals) {
                long due = tally.start + arrival.afterNanos();
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                all.add(clients.submit(() -> {
                    long sent = System.nanoTime();
                    tally.add(due, sent, target.ask(arrival.request()));
                }));
            }
        }
        return tally.round(all);
    }

    /// Keeps a fixed number of requests in flight until all have been sent and answered.
    ///
    /// @param requests the requests to send
    /// @param atOnce number of concurrent requests
    /// @param target the target of the requests
    /// @return the outcome
    public static LoadRound closed(List<LoadRequest> requests, int atOnce, LoadTarget target) {
        Tally tally = new Tally();
        Iterator<LoadRequest> left = requests.iterator();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < atOnce; client++) {
                all.add(clients.submit(() -> {
                    for (LoadRequest next = take(left); next != null; next = take(left)) {
                        long sent = System.nanoTime();
                        tally.add(sent, sent, target.ask(next));
                    }
                }));
            }
        }
        return tally.round(all);
    }

    private static @Nullable LoadRequest take(Iterator<LoadRequest> left) {
        synchronized (left) {
            return left.hasNext() ? left.next() : null;
        }
    }

    /// The counts and latencies of a round that is going on.
    private static final class Tally {

        private final Histogram firstToken = new Histogram(MAX_MICROS, DIGITS);
        private final Histogram nextToken = new Histogram(MAX_MICROS, DIGITS);
        private final Histogram whole = new Histogram(MAX_MICROS, DIGITS);
        private final Histogram lag = new Histogram(MAX_MICROS, DIGITS);
        private final Map<String, Integer> problems = new TreeMap<>();
        private final long start = System.nanoTime();
        private long end = start;
        private int answered;
        private int refused;
        private int failed;
        private long tokens;
        private long recursions;
        private long processed;
        private long cached;

        synchronized void add(long due, long sent, LoadOutcome outcome) {
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
                            record(nextToken, times[token] - times[token - 1]);
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

        /// Ends the round. Fails if a client threw an exception, which is a bug in this program, not in the server.
        synchronized LoadRound round(List<Future<?>> clients) {
            clients.forEach(Future::resultNow);
            double seconds = (end - start) / 1e9;
            return new LoadRound(
                    answered,
                    refused,
                    failed,
                    seconds,
                    tokens,
                    tokens / seconds,
                    processed == 0 ? Double.NaN : (double) recursions / processed,
                    cached,
                    Percentiles.of(firstToken),
                    Percentiles.of(nextToken),
                    Percentiles.of(whole),
                    Percentiles.of(lag),
                    problems);
        }
    }
}
