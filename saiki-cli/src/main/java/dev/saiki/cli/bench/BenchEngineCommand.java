package dev.saiki.cli.bench;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.PromptSource;
import dev.saiki.cli.model.EngineCapacityFlags;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.eval.Median;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// The base of `saiki bench prefill` and `saiki bench decode`, which measure rounds on an open engine and print
/// the medians as a table or as JSON. All rounds use the same prompts, so the prefix cache is off and every token
/// is computed. If depths are measured both ragged, as with a router, and aligned, the rounds of the two
/// alternate.
public abstract sealed class BenchEngineCommand extends ConsoleCommand
        permits BenchEngineCommand.Prefill, BenchEngineCommand.Decode {

    private static final long SEED = 1;
    private static final String[] STAGES = {"entry", "recursion", "exit"};

    @Mixin
    private BenchOptions options = new BenchOptions();

    /// `saiki bench prefill`.
    @Command(
            name = "prefill",
            description =
                    "Measure how fast the engine reads prompts (one token generated per prompt, prefix cache off).")
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
    @Command(
            name = "decode",
            description = "Measure how fast the engine generates text, with and without prefill (prefix cache off).")
    public static final class Decode extends BenchEngineCommand {

        @Option(names = "--tokens", paramLabel = "N", description = "Tokens to generate per sequence.")
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
        CheckpointDirectory checkpoint = CheckpointDirectory.open(options.model());
        List<DepthAssignment> choices = options.depthChoices();
        PromptSource prompts = options.text().prompts(checkpoint);
        int most = options.sequences().stream().max(Comparator.naturalOrder()).orElseThrow();
        EngineOptions engineOptions = options.engine().options().toBuilder()
                .cacheBytes(options.cacheBytes())
                .maxSequences(most)
                .maxWaiting(most)
                .prefixCache(false)
                .build();
        try (Engine engine = Engine.withoutText(checkpoint, engineOptions)) {
            // Invalid combinations are rejected before anything is printed.
            List<List<Measurement>> all = options.sequences().stream()
                    .map(sequences -> measurements(prompts, choices, sequences))
                    .toList();
            int rounds = options.rounds();
            if (!options.json()) {
                println("prompts: " + prompts.name());
                println(header());
            }
            all.forEach(measurements -> measure(engine, measurements, rounds));
        }
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
                .mapToObj(sequence -> GenerationRequest.builder(drawing.next(options.promptTokens()), tokens())
                        .ending(StopConditions.NONE)
                        .route(depths.route(sequence))
                        .build())
                .toList();
    }

    private void measure(Engine engine, List<Measurement> measurements, int rounds) {
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
                    options.json()
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
        line.put("model", options.model().toString());
        line.put("weights", options.engine().weightsKey());
        line.put("sequences", first.sequences());
        line.put("prompt_tokens", first.promptTokens());
        line.put("tokens", first.tokens());
        line.put("rounds", rounds.size());
        line.put("weight_bytes", engine.weightBytes());
        putSpread(line, "tokens_per_second", rounds, EngineBenchmark::tokensPerSecond);
        putSpread(line, "steady_tokens_per_second", rounds, EngineBenchmark::steadyTokensPerSecond);
        putSpread(line, "processed_tokens_per_second", rounds, EngineBenchmark::processedPerSecond);
        JsonOutput.put(line, "mean_depth", Median.of(rounds, EngineBenchmark::meanDepth));
        for (int stage = 0; stage < STAGES.length; stage++) {
            int index = stage;
            JsonOutput.put(line, STAGES[stage] + "_rows_per_run", Median.of(rounds, round -> round.fill(index)));
        }
        JsonOutput.put(line, "flops_per_second", Median.of(rounds, EngineBenchmark::flopsPerSecond));
        JsonOutput.put(line, "weight_bytes_per_second", Median.of(rounds, EngineBenchmark::weightBytesPerSecond));
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
            JsonOutput.put(line, "over_ragged", Median.of(ratios, Double::doubleValue));
        }
        line.put("depths", measurement.depths().key());
        line.put("prompts", measurement.prompts());
    }

    private static void putSpread(
            ObjectNode line, String name, List<EngineBenchmark> rounds, ToDoubleFunction<EngineBenchmark> figure) {
        ObjectNode spread = line.putObject(name);
        JsonOutput.put(spread, "median", Median.of(rounds, figure));
        JsonOutput.put(
                spread, "least", rounds.stream().mapToDouble(figure).min().orElseThrow());
        JsonOutput.put(spread, "most", rounds.stream().mapToDouble(figure).max().orElseThrow());
    }
}
