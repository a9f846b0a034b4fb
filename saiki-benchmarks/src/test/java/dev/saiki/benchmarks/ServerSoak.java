package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.LoadOutcome;
import dev.saiki.cli.load.LoadPlan;
import dev.saiki.cli.load.LoadRequest;
import dev.saiki.cli.load.PromptSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A soak test of a server at four fifths of its capacity: requests at random times, clients that disconnect, read
/// slowly or send malformed requests, invalid keys, and every {@link SoakEvent} in between.
///
/// Prints one JSON line per minute, or fifteen in all if that is more, and one at the end. Exits with 1 if the
/// audit does not match the requests, an answer was wrong, a bad checkpoint was accepted, the server logged an
/// error, or memory or latency grew from the first fifth of the time to the last. `benchmarks/serve-soak.sh` runs
/// the test.
public final class ServerSoak {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long SEED = 20_261_125;
    private static final int MIN_SAMPLES = 15;
    private static final double LOAD = 0.8;
    private static final int PROMPT_TOKENS = 48;
    private static final int TOKENS = 32;
    private static final int AT_ONCE = 32;
    private static final int ROUND = 256;
    private static final int CAPACITY_PART = 1_000_000;
    private static final double CAPACITY_SECONDS = 20;
    private static final Duration EVENT_INTERVAL = Duration.ofSeconds(15);

    /// The duration of a database lock, longer than the server waits for its database.
    private static final Duration LOCK = Duration.ofSeconds(12);

    private static final int DIGITS = 3;

    private final SoakServer server;
    private final SoakClients clients;
    private final SoakLedger ledger;
    private final Recorder times = new Recorder(TimeUnit.HOURS.toMicros(1), DIGITS);
    private final LongAdder recursions = new LongAdder();
    private final LongAdder processed = new LongAdder();
    private final LongAdder cached = new LongAdder();
    private final Map<SoakWorkload, LongAdder> sent = new ConcurrentHashMap<>();
    private final Map<SoakEvent, Integer> events = new EnumMap<>(SoakEvent.class);
    private final List<String> problems = new ArrayList<>();

    private ServerSoak(SoakServer server, SoakClients clients, SoakLedger ledger) {
        this.server = server;
        this.clients = clients;
        this.ledger = ledger;
    }

    /// Runs.
    ///
    /// @param arguments the command `saiki`, a checkpoint folder, minutes, and options of `saiki serve`
    /// @throws IOException if the server cannot be started
    /// @throws InterruptedException if the thread is interrupted
    /// @throws SQLException if the audit cannot be read
    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        if (arguments.length < 3) {
            System.err.println("usage: ServerSoak SAIKI MODEL MINUTES [OPTIONS OF SERVE]");
            System.exit(2);
        }
        Path folder = Files.createTempDirectory("saiki-soak");
        List<String> options = new ArrayList<>(List.of("--audit", SoakServer.AUDIT));
        options.addAll(Arrays.asList(arguments).subList(3, arguments.length));
        PromptSource prompts = SoakText.prompts(CheckpointDirectory.open(Path.of(arguments[1])));
        SoakModels models = SoakModels.of(Path.of(arguments[1]), Files.createDirectory(folder.resolve("models")));
        List<String> problems;
        try (SoakServer server = SoakServer.start(Path.of(arguments[0]), models.served(), options, folder)) {
            problems = run(server, prompts, Duration.ofMillis(Math.round(Double.parseDouble(arguments[2]) * 60_000)));
        }
        problems.forEach(problem -> System.err.println("soak: " + problem));
        if (!problems.isEmpty()) {
            System.err.println("soak: FAILED; the server's log and its audit are in " + folder);
        }
        System.exit(problems.isEmpty() ? 0 : 1);
    }

    private static List<String> run(SoakServer server, PromptSource prompts, Duration time)
            throws IOException, InterruptedException, SQLException {
        SoakLedger ledger = new SoakLedger();
        try (SoakClients clients = new SoakClients(server.base(), server.keys(), ledger)) {
            return new ServerSoak(server, clients, ledger).run(prompts, time);
        }
    }

    private List<String> run(PromptSource prompts, Duration time)
            throws IOException, InterruptedException, SQLException {
        LoadPlan plan =
                new LoadPlan(PROMPT_TOKENS, TOKENS, prompts, clients.model().context(), SEED);
        // From now on both models are loaded and their caches are full, so that neither counts as growth.
        trigger(SoakEvent.RELOAD);
        double before = capacity(plan, CAPACITY_PART);
        trigger(SoakEvent.ROLLBACK);
        double capacity = Math.min(before, capacity(plan, 2 * CAPACITY_PART));
        double rate = LOAD * capacity;
        print(JSON.createObjectNode()
                .put("seed", SEED)
                .put("prompts", prompts.name())
                .put("capacity", capacity)
                .put("rate", rate));
        List<SoakSample> samples = load(plan.poisson(0, rate, time), time);
        problems.addAll(server.end());
        List<SoakLedger.Kept> records = server.records();
        problems.addAll(ledger.problems(records));
        problems.addAll(SoakSample.grown(samples));
        ObjectNode line = JSON.createObjectNode();
        sent.forEach((kind, count) -> line.put(kind.name(), count.sum()));
        events.forEach((event, count) -> line.put(event.name(), count));
        print(line.put("mean_depth", (double) recursions.sum() / processed.sum())
                .put("cached_tokens", cached.sum())
                .put("requests", ledger.size())
                .put("records", records.size())
                .put("problems", problems.size()));
        return problems;
    }

    private static void print(ObjectNode line) {
        System.out.println(JSON.writeValueAsString(line));
    }

    private void trigger(SoakEvent event) throws IOException, InterruptedException, SQLException {
        Optional<String> problem = switch (event) {
            case RELOAD -> clients.reload(SoakModels.SERVED);
            case CUT_OFF -> clients.requireRefusedReload(SoakModels.CUT_OFF);
            case POISONED -> clients.requireRefusedReload(SoakModels.POISONED);
            case ROLLBACK -> clients.rollBack();
            case LOCKED_DATABASE -> {
                server.lockAudit(LOCK);
                yield Optional.empty();
            }
        };
        problem.ifPresent(problems::add);
        events.merge(event, 1, Integer::sum);
    }

    /// The throughput in requests of all kinds per second, with a few always in flight: the slowest round after
    /// warm-up.
    private double capacity(LoadPlan plan, int firstPart) {
        SplittableRandom random = new SplittableRandom(SEED + firstPart);
        double slowest = Double.POSITIVE_INFINITY;
        double spent = 0;
        for (int part = firstPart; spent < CAPACITY_SECONDS; part++) {
            long start = System.nanoTime();
            try (ExecutorService threads =
                    Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
                for (LoadRequest request : plan.requests(part, ROUND)) {
                    SoakWorkload kind = SoakWorkload.draw(random);
                    threads.execute(() -> clients.send(kind, request));
                }
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            slowest = spent < CAPACITY_SECONDS / 3 ? slowest : Math.min(slowest, ROUND / seconds);
            spent += seconds;
        }
        return slowest;
    }

    private List<SoakSample> load(List<LoadPlan.Arrival> arrivals, Duration time) throws InterruptedException {
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> sender = threads.submit(() -> send(arrivals, start, threads));
            Future<List<SoakSample>> samples = threads.submit(() -> watch(start, time));
            Future<?> trouble = threads.submit(() -> {
                trouble(start, time);
                return null;
            });
            sender.get();
            trouble.get();
            return samples.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a soak cannot go on", e);
        }
    }

    private void send(List<LoadPlan.Arrival> arrivals, long start, ExecutorService threads) {
        SplittableRandom random = new SplittableRandom(SEED);
        for (LoadPlan.Arrival arrival : arrivals) {
            long due = start + arrival.afterNanos();
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            SoakWorkload kind = SoakWorkload.draw(random);
            sent.computeIfAbsent(kind, _ -> new LongAdder()).increment();
            threads.execute(() -> clients.send(kind, arrival.request()).ifPresent(outcome -> count(outcome, due)));
        }
    }

    private void count(LoadOutcome outcome, long due) {
        if (outcome instanceof LoadOutcome.Answered answer) {
            times.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - due));
            recursions.add(answer.recursions());
            processed.add(answer.processed());
            cached.add(answer.cached());
        }
    }

    /// Triggers the events one after another.
    private void trouble(long start, Duration time) throws IOException, InterruptedException, SQLException {
        SoakEvent[] all = SoakEvent.values();
        long end = start + time.toNanos() - LOCK.toNanos();
        long next = start + EVENT_INTERVAL.toNanos();
        for (int i = 0; next < end; i++, next += EVENT_INTERVAL.toNanos()) {
            TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            trigger(all[i % all.length]);
        }
    }

    /// Samples the state of the server.
    private List<SoakSample> watch(long start, Duration time) throws IOException, InterruptedException {
        List<SoakSample> samples = new ArrayList<>();
        long interval = Math.min(TimeUnit.MINUTES.toNanos(1), time.toNanos() / MIN_SAMPLES);
        for (long next = start + interval; next - start <= time.toNanos(); next += interval) {
            TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            samples.add(sample((next - start) / 1e9));
        }
        return samples;
    }

    private SoakSample sample(double seconds) throws IOException {
        Histogram histogram = times.getIntervalHistogram();
        SoakSample sample = new SoakSample(
                seconds,
                server.figures(),
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50) / 1e3,
                histogram.getValueAtPercentile(95) / 1e3);
        print(JSON.createObjectNode()
                .put("seconds", sample.seconds())
                .put("resident_bytes", sample.figures().residentBytes())
                .put("threads", sample.figures().threads())
                .put("file_handles", sample.figures().handles())
                .put("answered", sample.answered())
                .put("answer_ms_p50", sample.p50())
                .put("answer_ms_p95", sample.p95()));
        return sample;
    }
}
