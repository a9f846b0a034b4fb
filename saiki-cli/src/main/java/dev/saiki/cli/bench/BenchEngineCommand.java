package dev.saiki.cli.bench;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.cli.model.EngineCapacityFlags;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.eval.Median;
import dev.saiki.eval.RecordJson;
import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// The base of `saiki bench prefill` and `saiki bench decode`, which measure rounds on an open engine and print
/// the medians as a table or as JSON. All rounds use the same prompts, so the prefix cache is off and every token
/// is computed. If depths are measured both ragged, as with a router, and aligned, the rounds of the two
/// alternate.
public abstract sealed class BenchEngineCommand extends JsonCommand
        permits BenchEngineCommand.Prefill, BenchEngineCommand.Decode {

    private static final long SEED = 1;
    private static final String[] STAGES = {"entry", "recursion", "exit"};

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private EngineFlags engineFlags = new EngineFlags();

    @Option(names = "--sequences", paramLabel = "N", split = ",")
    private List<Integer> sequences = List.of(1);

    @Option(names = "--prompt-tokens", paramLabel = "N")
    private int promptTokens = 64;

    @Option(names = "--rounds", paramLabel = "N")
    private int rounds = 3;

    @Option(names = "--depth-shares", paramLabel = "SHARE", split = ",")
    private @Nullable List<Double> depthShares;

    /// Accepts the shares of depths under the option's earlier name.
    @Option(names = "--depths", paramLabel = "SHARE", split = ",", hidden = true)
    void setDepths(List<Double> shares) {
        depthShares = shares;
    }

    @Option(names = "--aligned-depths")
    private boolean alignedDepths;

    @Mixin
    private PromptTextOptions text = new PromptTextOptions();

    @Option(names = "--cache-mib", paramLabel = "N")
    private int cacheMib = 1024;

    /// `saiki bench prefill`.
    @Command(name = "prefill")
    public static final class Prefill extends BenchEngineCommand {

        @Override
        int tokens() {
            return 1;
        }

        @Override
        String measure() {
            return "prefill";
        }
    }

    /// `saiki bench decode`.
    @Command(name = "decode")
    public static final class Decode extends BenchEngineCommand {

        @Option(names = "--tokens", paramLabel = "N")
        private int tokens = 128;

        @Override
        int tokens() {
            return EngineCapacityFlags.positive("--tokens", tokens);
        }

        @Override
        String measure() {
            return "decode";
        }
    }

    /// The number of tokens that each sequence generates.
    abstract int tokens();

    /// The measurement's name.
    abstract String measure();

    @Override
    protected void run() {
        sequences.forEach(count -> EngineCapacityFlags.positive("--sequences", count));
        EngineCapacityFlags.positive("--prompt-tokens", promptTokens);
        EngineCapacityFlags.positive("--rounds", rounds);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        List<DepthAssignment> choices = depthChoices();
        PromptSource prompts = text.prompts(checkpoint);
        int most = sequences.stream().max(Comparator.naturalOrder()).orElseThrow();
        EngineOptions engineOptions = engineFlags.options().toBuilder()
                .cacheBytes((long) EngineCapacityFlags.positive("--cache-mib", cacheMib) << 20)
                .maxSequences(most)
                .maxWaiting(most)
                .prefixCache(false)
                .build();
        try (Engine engine = Engine.withoutText(checkpoint, engineOptions)) {
            // Invalid combinations are rejected before anything is printed.
            List<List<Measurement>> all = sequences.stream()
                    .map(together -> measurements(prompts, choices, together))
                    .toList();
            if (!json) {
                println("prompts: " + prompts.name());
                println(header());
            }
            all.forEach(measurements -> measure(engine, measurements));
        }
    }

    /// The depth assignments to be measured.
    private List<DepthAssignment> depthChoices() {
        if (depthShares == null) {
            if (alignedDepths) {
                throw new InputException("--aligned-depths needs --depth-shares, got none; add it, such as"
                        + " --depth-shares 0.5,0.3,0.2");
            }
            return List.of(DepthAssignment.ROUTED);
        }
        DepthAssignment ragged = new DepthAssignment(DepthAssignment.Kind.RAGGED, depthShares);
        return alignedDepths
                ? List.of(ragged, new DepthAssignment(DepthAssignment.Kind.ALIGNED, depthShares))
                : List.of(ragged);
    }

    /// Requests of one kind, and the rounds measured with them.
    private record Measurement(
            DepthAssignment depths, String prompts, List<GenerationRequest> requests, List<EngineBenchmark> rounds) {

        Measurement(DepthAssignment depths, String prompts, List<GenerationRequest> requests) {
            this(depths, prompts, requests, new ArrayList<>());
        }
    }

    private List<Measurement> measurements(PromptSource prompts, List<DepthAssignment> choices, int sequences) {
        return choices.stream()
                .map(choice -> new Measurement(choice, prompts.name(), requests(prompts, choice, sequences)))
                .toList();
    }

    private List<GenerationRequest> requests(PromptSource prompts, DepthAssignment depths, int sequences) {
        PromptSource.Drawing drawing = prompts.draw(new SplittableRandom(SEED));
        return IntStream.range(0, sequences)
                .mapToObj(sequence -> GenerationRequest.builder(drawing.next(promptTokens), tokens())
                        .ending(StopConditions.NONE)
                        .route(depths.route(sequence))
                        .build())
                .toList();
    }

    private void measure(Engine engine, List<Measurement> measurements) {
        for (int round = 0; round <= rounds; round++) {
            for (Measurement measurement : measurements) {
                EngineBenchmark result = EngineBenchmark.run(engine, measurement.requests());
                if (round > 0) {
                    measurement.rounds().add(result);
                }
            }
        }
        List<EngineBenchmark> first = measurements.getFirst().rounds();
        for (Measurement measurement : measurements) {
            println(
                    json
                            ? JsonOutput.line(json(engine, measurement, first))
                            : row(measurement.rounds())
                                    + String.format(" %8s", measurement.depths().key()));
            console.out().flush();
        }
    }

    private static String header() {
        return NumberFormats.text(
                "%9s %12s %12s %12s %6s %17s %8s %8s %8s",
                "sequences",
                "written/s",
                "steady/s",
                "processed/s",
                "depth",
                "rows per stage",
                "GFLOP/s",
                "GB/s",
                "depths");
    }

    private static String row(List<EngineBenchmark> rounds) {
        return NumberFormats.text(
                "%9d %12.1f %12.1f %12.1f %6.3f %5.1f %5.1f %5.1f %8.1f %8.1f",
                rounds.getFirst().sequences(),
                Median.of(rounds, EngineBenchmark::tokensPerSecond),
                Median.of(rounds, EngineBenchmark::steadyTokensPerSecond),
                Median.of(rounds, EngineBenchmark::processedPerSecond),
                Median.of(rounds, EngineBenchmark::meanDepth),
                Median.of(rounds, round -> round.fill(0)),
                Median.of(rounds, round -> round.fill(1)),
                Median.of(rounds, round -> round.fill(2)),
                Median.of(rounds, EngineBenchmark::flopsPerSecond) / 1e9,
                Median.of(rounds, EngineBenchmark::weightBytesPerSecond) / 1e9);
    }

    /// @param comparison rounds of the ragged measurement, with which an aligned measurement is compared
    private ObjectNode json(Engine engine, Measurement measurement, List<EngineBenchmark> comparison) {
        List<EngineBenchmark> rounds = measurement.rounds();
        ObjectNode line = JsonOutput.object();
        EngineBenchmark first = rounds.getFirst();
        putKind(line, measurement, comparison);
        line.put("model", model.toString());
        line.put("weights", engine.weightFormat().key());
        line.put("sequences", first.sequences());
        line.put("prompt_tokens", first.promptTokens());
        line.put("tokens", first.tokens());
        line.put("rounds", rounds.size());
        line.put("weight_bytes", engine.weightBytes());
        putSpread(line, "tokens_per_second", rounds, EngineBenchmark::tokensPerSecond);
        putSpread(line, "steady_tokens_per_second", rounds, EngineBenchmark::steadyTokensPerSecond);
        putSpread(line, "processed_tokens_per_second", rounds, EngineBenchmark::processedPerSecond);
        RecordJson.put(line, "mean_depth", Median.of(rounds, EngineBenchmark::meanDepth));
        for (int stage = 0; stage < STAGES.length; stage++) {
            int index = stage;
            RecordJson.put(line, STAGES[stage] + "_rows_per_run", Median.of(rounds, round -> round.fill(index)));
        }
        RecordJson.put(line, "flops_per_second", Median.of(rounds, EngineBenchmark::flopsPerSecond));
        RecordJson.put(line, "weight_bytes_per_second", Median.of(rounds, EngineBenchmark::weightBytesPerSecond));
        line.put("preemptions", rounds.getLast().after().preemptions());
        line.put("cached_tokens", rounds.getLast().after().prefixes().tokensServed());
        return line;
    }

    /// Writes the name of the measurement. A measurement with aligned depths has a name of its own: no router
    /// aligns depths, so no model in use reaches the measured speed.
    private void putKind(ObjectNode line, Measurement measurement, List<EngineBenchmark> comparison) {
        boolean isAligned = measurement.depths().kind() == DepthAssignment.Kind.ALIGNED;
        line.put("measure", measure() + (isAligned ? "_aligned" : ""));
        if (isAligned) {
            List<EngineBenchmark> rounds = measurement.rounds();
            List<Double> ratios = IntStream.range(0, rounds.size())
                    .mapToObj(round -> rounds.get(round).tokensPerSecond()
                            / comparison.get(round).tokensPerSecond())
                    .toList();
            RecordJson.put(line, "over_ragged", Median.of(ratios, Double::doubleValue));
        }
        line.put("depths", measurement.depths().key());
        line.put("prompts", measurement.prompts());
    }

    private static void putSpread(
            ObjectNode line, String name, List<EngineBenchmark> rounds, ToDoubleFunction<EngineBenchmark> figure) {
        ObjectNode spread = line.putObject(name);
        RecordJson.put(spread, "median", Median.of(rounds, figure));
        RecordJson.put(
                spread, "least", rounds.stream().mapToDouble(figure).min().orElseThrow());
        RecordJson.put(spread, "most", rounds.stream().mapToDouble(figure).max().orElseThrow());
    }
}
