package dev.saiki.cli;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.load.Median;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// What `saiki bench prefill` and `saiki bench decode` have in common: rounds over an open engine, medians, a
/// table. Rounds repeat their prompts, so the prefix cache is off: every token is computed.
abstract sealed class BenchEngineCommand implements Callable<Integer>
        permits BenchEngineCommand.Prefill, BenchEngineCommand.Decode {

    private static final String[] STAGES = {"entry", "recursion", "exit"};

    private final Console console;

    @Mixin
    private BenchOptions options = new BenchOptions();

    private BenchEngineCommand(Console console) {
        this.console = console;
    }

    /// `saiki bench prefill`.
    @Command(
            name = "prefill",
            description = "Measure how fast prompts are taken in; one token is written after each. The prefix cache is"
                    + " off.")
    static final class Prefill extends BenchEngineCommand {

        Prefill(Console console) {
            super(console);
        }

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
            description = "Measure how fast texts are written, prompts included and while all sequences write. The"
                    + " prefix cache is off.")
    static final class Decode extends BenchEngineCommand {

        @Option(
                names = "--tokens",
                paramLabel = "N",
                defaultValue = "128",
                description = "Tokens that each sequence writes (default: 128).")
        private int tokens;

        Decode(Console console) {
            super(console);
        }

        @Override
        int tokens() {
            return BenchOptions.requirePositive("--tokens", tokens);
        }

        @Override
        String measure() {
            return "decode";
        }
    }

    /// Tokens that each sequence writes.
    abstract int tokens();

    /// The measurement's name.
    abstract String measure();

    @Override
    public Integer call() {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(options.model());
        int most = options.sequences().stream().max(Comparator.naturalOrder()).orElseThrow();
        EngineOptions engineOptions = options.engine()
                .options()
                .withCacheBytes(options.cacheBytes())
                .withBounds(most, most)
                .withPrefixCache(false);
        try (Engine engine = Engine.withoutText(checkpoint, engineOptions)) {
            if (!options.json()) {
                console.out().println(header());
            }
            for (int sequences : options.sequences()) {
                measure(engine, sequences);
            }
        }
        return ExitCode.DONE;
    }

    private void measure(Engine engine, int sequences) {
        List<EngineRound> rounds = new ArrayList<>();
        int promptTokens = options.promptTokens();
        EngineRound.run(engine, sequences, promptTokens, tokens(), options.route());
        for (int round = 0; round < options.rounds(); round++) {
            rounds.add(EngineRound.run(engine, sequences, promptTokens, tokens(), options.route()));
        }
        console.out().println(options.json() ? Json.line(json(engine, rounds)) : row(rounds));
        console.out().flush();
    }

    private static String header() {
        return String.format(
                Locale.ROOT,
                "%9s %12s %12s %12s %6s %17s %8s %8s",
                "sequences",
                "written/s",
                "steady/s",
                "processed/s",
                "depth",
                "rows a run",
                "GFLOP/s",
                "GB/s");
    }

    private static String row(List<EngineRound> rounds) {
        return String.format(
                Locale.ROOT,
                "%9d %12.1f %12.1f %12.1f %6.3f %5.1f %5.1f %5.1f %8.1f %8.1f",
                rounds.getFirst().sequences(),
                Median.of(rounds, EngineRound::tokensPerSecond),
                Median.of(rounds, EngineRound::steadyTokensPerSecond),
                Median.of(rounds, EngineRound::processedPerSecond),
                Median.of(rounds, EngineRound::meanDepth),
                Median.of(rounds, round -> round.fill(0)),
                Median.of(rounds, round -> round.fill(1)),
                Median.of(rounds, round -> round.fill(2)),
                Median.of(rounds, EngineRound::flopsPerSecond) / 1e9,
                Median.of(rounds, EngineRound::weightBytesPerSecond) / 1e9);
    }

    private ObjectNode json(Engine engine, List<EngineRound> rounds) {
        ObjectNode line = Json.object();
        EngineRound first = rounds.getFirst();
        line.put("measure", measure());
        line.put("model", options.model().toString());
        line.put("weights", options.engine().weightsKey());
        line.put("sequences", first.sequences());
        line.put("prompt_tokens", first.promptTokens());
        line.put("tokens", first.tokens());
        line.put("rounds", rounds.size());
        line.put("weight_bytes", engine.weightBytes());
        putSpread(line, "tokens_per_second", rounds, EngineRound::tokensPerSecond);
        putSpread(line, "steady_tokens_per_second", rounds, EngineRound::steadyTokensPerSecond);
        putSpread(line, "processed_tokens_per_second", rounds, EngineRound::processedPerSecond);
        Json.put(line, "mean_depth", Median.of(rounds, EngineRound::meanDepth));
        for (int stage = 0; stage < STAGES.length; stage++) {
            int index = stage;
            Json.put(line, STAGES[stage] + "_rows_per_run", Median.of(rounds, round -> round.fill(index)));
        }
        Json.put(line, "flops_per_second", Median.of(rounds, EngineRound::flopsPerSecond));
        Json.put(line, "weight_bytes_per_second", Median.of(rounds, EngineRound::weightBytesPerSecond));
        line.put("preemptions", rounds.getLast().after().preemptions());
        line.put("cached_tokens", rounds.getLast().after().prefixes().tokensServed());
        return line;
    }

    private static void putSpread(
            ObjectNode line, String name, List<EngineRound> rounds, ToDoubleFunction<EngineRound> figure) {
        ObjectNode spread = line.putObject(name);
        Json.put(spread, "median", Median.of(rounds, figure));
        Json.put(spread, "least", rounds.stream().mapToDouble(figure).min().orElseThrow());
        Json.put(spread, "most", rounds.stream().mapToDouble(figure).max().orElseThrow());
    }
}
