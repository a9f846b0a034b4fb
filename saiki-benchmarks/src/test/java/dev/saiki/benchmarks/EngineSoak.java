package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.QueueFullException;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A soak test of the engine: more concurrent requests than fit in its key-value cache. A tenth of the requests is
/// cancelled, and some miss their deadlines. Prompts are pieces of a text ({@link SoakText}).
///
/// Prints one JSON line per minute and one at the end. Exits with 1 if a request was lost or ended with an
/// unexpected status, a cache page was leaked, or the memory of the process grew by over 2 % from the second fifth
/// to the last. `benchmarks/soak.sh` runs the test for an hour, {@link EngineSoakTest} for seconds.
public final class EngineSoak {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int AT_ONCE = 48;
    private static final int AT_WORK = 32;
    private static final double MAX_GROWTH = 0.02;
    private static final long SEED = 20_261_124;

    private final Engine engine;
    private final PromptSource prompts;
    private final long end;
    private final LongAdder submitted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder tokens = new LongAdder();
    private final Map<FinishReason, LongAdder> finished = new ConcurrentHashMap<>();
    private final AtomicLong longestMillis = new AtomicLong();

    private EngineSoak(Engine engine, PromptSource prompts, double minutes) {
        this.engine = engine;
        this.prompts = prompts;
        this.end = System.nanoTime() + (long) (minutes * 60e9);
    }

    /// Runs.
    ///
    /// @param arguments a checkpoint folder, minutes, the number of compute threads, and MiB of key-value cache
    /// @throws IOException if the statistics of the process cannot be read
    /// @throws InterruptedException if the thread is interrupted
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 4) {
            System.err.println("usage: EngineSoak MODEL MINUTES THREADS CACHE_MIB");
            System.exit(2);
        }
        boolean sound = passes(
                CheckpointDirectory.open(Path.of(arguments[0])),
                Long.parseLong(arguments[3]) << 20,
                Double.parseDouble(arguments[1]),
                Integer.parseInt(arguments[2]));
        System.exit(sound ? 0 : 1);
    }

    /// Runs the test on a model.
    ///
    /// @param model a checkpoint
    /// @param cacheBytes key-value cache, too small for all requests at once
    /// @param minutes of load
    /// @param threads compute threads
    /// @return whether nothing was lost or leaked
    static boolean passes(CheckpointDirectory model, long cacheBytes, double minutes, int threads)
            throws IOException, InterruptedException {
        EngineOptions options = EngineOptions.builder()
                .threads(threads)
                .cacheBytes(cacheBytes)
                .maxSequences(AT_WORK)
                .maxWaiting(AT_ONCE)
                .build();
        PromptSource prompts = SoakText.prompts(model);
        System.out.println(JSON.createObjectNode().put("seed", SEED).put("prompts", prompts.name()));
        try (Engine engine = Engine.withoutText(model, options)) {
            return new EngineSoak(engine, prompts, minutes).run((int) Math.ceil(minutes));
        }
    }

    private boolean run(int minutes) throws IOException, InterruptedException {
        long[] resident = new long[minutes];
        long failures;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < AT_ONCE; client++) {
                int number = client;
                clients.execute(() -> submitUntilTheEnd(new SplittableRandom(SEED + number)));
            }
            for (int minute = 0; minute < minutes; minute++) {
                Thread.sleep(Math.max(0, Math.min(60_000, (end - System.nanoTime()) / 1_000_000)));
                ProcessStatistics figures =
                        ProcessStatistics.of(ProcessHandle.current().pid());
                resident[minute] = figures.residentBytes();
                System.out.println(line(minute + 1, figures));
            }
        }
        EngineStatistics after = engine.statistics();
        long ended = finished.values().stream().mapToLong(LongAdder::sum).sum();
        failures = ended(FinishReason.FAILED).sum();
        double growth = growth(resident);
        ObjectNode line = JSON.createObjectNode();
        line.put("submitted", submitted.sum());
        line.put("lost", submitted.sum() - ended);
        line.put("failed", failures);
        line.put("pages_left", after.cache().pagesInUse());
        line.put("memory_growth", growth);
        line.put("mean_depth", meanDepth(after));
        System.out.println(line);
        return submitted.sum() == ended
                && failures == 0
                && after.cache().pagesInUse() == 0
                && after.cache().bytesInUse() == 0
                && growth <= MAX_GROWTH;
    }

    /// Mean recursions per token, including prompt tokens.
    private static double meanDepth(EngineStatistics after) {
        return after.stepTokens().stream().mapToLong(Long::longValue).sum()
                / (double) after.stepTokens().getFirst();
    }

    private LongAdder ended(FinishReason reason) {
        return finished.computeIfAbsent(reason, _ -> new LongAdder());
    }

    /// The median of the last fifth divided by that of the second fifth, minus one; the first fifth is warm-up.
    private static double growth(long[] resident) {
        int fifth = Math.max(1, resident.length / 5);
        int second = Math.min(fifth, resident.length - 1);
        double early = median(Arrays.copyOfRange(resident, second, Math.min(resident.length, second + fifth)));
        return median(Arrays.copyOfRange(resident, resident.length - fifth, resident.length)) / early - 1;
    }

    private static double median(long[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private void submitUntilTheEnd(SplittableRandom random) {
        PromptSource.Drawing drawing = prompts.draw(random.split());
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            try (TokenStream stream = engine.submit(request(random, drawing))) {
                submitted.increment();
                read(stream, random.nextInt(10) == 0 ? random.nextInt(20) : Integer.MAX_VALUE);
                ended(stream.finish().reason()).increment();
                longestMillis.accumulateAndGet((System.nanoTime() - start) / 1_000_000, Math::max);
            } catch (QueueFullException _) {
                refused.increment();
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private void read(TokenStream stream, int cancelAfter) {
        int count = 0;
        for (Token _ : stream) {
            tokens.increment();
            count++;
            if (count == cancelAfter) {
                stream.cancel();
            }
        }
    }

    private GenerationRequest request(SplittableRandom random, PromptSource.Drawing drawing) {
        int room = engine.config().maxPositionEmbeddings();
        int prompt = 1 + random.nextInt(room * 3 / 4);
        GenerationRequest request = GenerationRequest.builder(drawing.next(prompt), 1 + random.nextInt(room - prompt))
                .sampling(SamplingSettings.builder().temperature(1).topK(40).build())
                .seed(random.nextLong())
                .route(route(random))
                .build();
        return random.nextInt(20) == 0
                ? request.toBuilder()
                        .timeout(Duration.ofMillis(1 + random.nextInt(2_000)))
                        .build()
                : request;
    }

    private RouteSettings route(SplittableRandom random) {
        return switch (engine.config().routing()) {
            case Routing.ExpertThreshold dial -> {
                double least = dial.effortGrid().getFirst();
                yield RouteSettings.builder()
                        .effort(least + random.nextDouble() * (1 - least))
                        .build();
            }
            case Routing.None _, Routing.ExpertChoice _, Routing.TokenChoice _, Routing.Random _ ->
                RouteSettings.within(1, 1 + random.nextInt(engine.config().numRecursions()));
        };
    }

    private ObjectNode line(int minute, ProcessStatistics figures) {
        EngineStatistics now = engine.statistics();
        ObjectNode line = JSON.createObjectNode();
        line.put("minute", minute);
        line.put("resident_bytes", figures.residentBytes());
        line.put("threads", figures.threads());
        line.put("file_handles", figures.handles());
        line.put("pages_in_use", now.cache().pagesInUse());
        line.put("pages", now.cache().pages());
        line.put("preemptions", now.preemptions());
        line.put("submitted", submitted.sum());
        line.put("refused", refused.sum());
        finished.forEach((reason, times) -> line.put(reason.name(), times.sum()));
        line.put("tokens", tokens.sum());
        line.put("longest_milliseconds", longestMillis.getAndSet(0));
        return line;
    }
}
