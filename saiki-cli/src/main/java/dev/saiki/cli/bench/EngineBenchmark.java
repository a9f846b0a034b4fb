package dev.saiki.cli.bench;

import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// One round of a measurement: sequences of equal length, all submitted at once, with all counters.
///
/// @param sequences how many
/// @param promptTokens of each
/// @param tokens written by each
/// @param seconds from the first request to the last token
/// @param steadySeconds from the moment when all sequences are decoding until the first has ended
/// @param steadyTokens written in that time
/// @param before statistics of the engine before the round
/// @param after what it had done afterwards
record EngineBenchmark(
        int sequences,
        int promptTokens,
        int tokens,
        double seconds,
        double steadySeconds,
        long steadyTokens,
        EngineStatistics before,
        EngineStatistics after) {

    private static final double NANOS = 1e9;

    /// Runs a round.
    ///
    /// @param engine who writes
    /// @param requests with prompts and answers of equal length
    static EngineBenchmark run(Engine engine, List<GenerationRequest> requests) {
        int promptTokens = requests.getFirst().prompt().length;
        int tokens = requests.getFirst().maxTokens();
        EngineStatistics before = engine.statistics();
        List<CompletableFuture<long[]>> times = new ArrayList<>();
        long start = System.nanoTime();
        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (GenerationRequest request : requests) {
                TokenStream stream = engine.submit(request);
                times.add(CompletableFuture.supplyAsync(() -> timesOf(stream, tokens), readers));
            }
        }
        List<long[]> all = times.stream().map(CompletableFuture::join).toList();
        long end = all.stream().mapToLong(own -> own[tokens - 1]).max().orElseThrow();
        long allWrite = all.stream().mapToLong(own -> own[0]).max().orElseThrow();
        long firstEnds = all.stream().mapToLong(own -> own[tokens - 1]).min().orElseThrow();
        long steady = all.stream()
                .flatMapToLong(Arrays::stream)
                .filter(time -> time > allWrite && time <= firstEnds)
                .count();
        return new EngineBenchmark(
                requests.size(),
                promptTokens,
                tokens,
                (end - start) / NANOS,
                (firstEnds - allWrite) / NANOS,
                steady,
                before,
                engine.statistics());
    }

    private static long[] timesOf(TokenStream stream, int tokens) {
        long[] times = new long[tokens];
        int count = 0;
        for (Token _ : stream) {
            times[count] = System.nanoTime();
            count++;
        }
        GenerationResult finish = stream.finish();
        if (finish.reason() != FinishReason.MAX_TOKENS) {
            throw new IllegalStateException("a measured sequence ended early: " + finish);
        }
        return times;
    }

    /// Tokens decoded per second over the whole round.
    double tokensPerSecond() {
        return (double) sequences * tokens / seconds;
    }

    /// Tokens prefilled and decoded per second over the whole round.
    double processedPerSecond() {
        return (double) sequences * (promptTokens + tokens) / seconds;
    }

    /// Tokens decoded per second while all sequences are decoding; NaN if there was no such time.
    double steadyTokensPerSecond() {
        return steadySeconds > 0 ? steadyTokens / steadySeconds : Double.NaN;
    }

    /// The mean batch size of a stage's runs, in rows.
    double fill(int stage) {
        EngineStatistics.Stage last = after.stages().get(stage);
        EngineStatistics.Stage first = before.stages().get(stage);
        return (double) (last.rows() - first.rows()) / (last.runs() - first.runs());
    }

    /// Arithmetic in a second.
    double flopsPerSecond() {
        return (after.flops().total() - before.flops().total()) / seconds;
    }

    /// Bytes of weights read per second by the runs of the stages.
    double weightBytesPerSecond() {
        double bytes = 0;
        for (int stage = 0; stage < after.stages().size(); stage++) {
            EngineStatistics.Stage last = after.stages().get(stage);
            bytes += (double) (last.runs() - before.stages().get(stage).runs()) * last.weightBytes();
        }
        return bytes / seconds;
    }

    /// Mean recursions of a token.
    double meanDepth() {
        long steps = 0;
        for (int step = 0; step < after.stepTokens().size(); step++) {
            steps += after.stepTokens().get(step) - before.stepTokens().get(step);
        }
        return (double) steps
                / (after.stepTokens().getFirst() - before.stepTokens().getFirst());
    }
}
