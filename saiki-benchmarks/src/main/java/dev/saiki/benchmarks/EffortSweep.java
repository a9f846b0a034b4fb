package dev.saiki.benchmarks;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.engine.Engine;
import dev.saiki.engine.EngineStatistics;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.Estimate;
import dev.saiki.eval.PairedDifference;
import dev.saiki.eval.TextScore;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.dataset.TokenShards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A sweep over the efforts of a checkpoint: the cost and loss of held-out text, and the text, depth and speed of
/// generation.
///
/// Prints one JSON line per effort: the grid of the checkpoint, its default, and values between. Differences are
/// paired, row by row, with the line at effort 1. Speeds are medians over rounds that run every effort in turn,
/// after warm-up rounds. A model without efforts gives one line.
public final class EffortSweep {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int PROMPT_TOKENS = 32;
    private static final int WRITTEN_TOKENS = 96;
    private static final int TEXTS = 32;
    private static final int ROUNDS = 9;
    private static final int ROUNDS_TO_WARM_UP = 3;

    private final Engine engine;
    private final List<int[]> rows;

    /// The losses at one effort.
    ///
    /// @param score of the rows, each a separate text
    /// @param flopsPerToken at the depths set by the router
    private record Quality(TextScore score, double flopsPerToken) {}

    /// The speed of generation at one effort.
    ///
    /// @param shares of the tokens that took each step
    /// @param flops FLOPs of prompts and answers
    /// @param tokensPerSecond generated tokens per second, including the time for prompts
    private record Written(List<Double> shares, long flops, double tokensPerSecond) {}

    private EffortSweep(Engine engine, List<int[]> rows) {
        this.engine = engine;
        this.rows = rows;
    }

    /// Measures.
    ///
    /// @param arguments a checkpoint folder, a prepared dataset, and the number of held-out rows
    public static void main(String[] arguments) {
        if (arguments.length != 3) {
            System.err.println("usage: EffortSweep MODEL DATASET ROWS");
            System.exit(2);
        }
        try (Engine engine = Engine.open(Path.of(arguments[0]), EngineOptions.DEFAULT)) {
            int length = engine.config().maxPositionEmbeddings();
            TokenShards heldOut = TokenDataset.open(Path.of(arguments[1])).validation();
            long count = Math.min(Long.parseLong(arguments[2]), heldOut.rows(length));
            List<int[]> rows = new ArrayList<>();
            for (long row = 0; row < count; row++) {
                rows.add(Arrays.copyOf(heldOut.row(length, row * heldOut.rows(length) / count), length));
            }
            new EffortSweep(engine, rows).run();
        }
    }

    private void run() {
        List<Double> efforts = switch (engine.config().routing()) {
            case Routing.ExpertThreshold dial ->
                Stream.concat(dial.effortGrid().stream(), Stream.of(dial.defaultEffort(), 0.425))
                        .distinct()
                        .sorted()
                        .toList();
            case Routing.None _, Routing.ExpertChoice _, Routing.TokenChoice _, Routing.Random _ -> List.of(Double.NaN);
        };
        Quality full = quality(efforts.getLast());
        List<List<Written>> written = write(efforts);
        for (int i = 0; i < efforts.size(); i++) {
            print(efforts.get(i), quality(efforts.get(i)), full, written.get(i));
        }
    }

    private Quality quality(double effort) {
        ModelConfig config = engine.config();
        List<CompletableFuture<TokenScores>> pending = rows.stream()
                .map(row ->
                        engine.score(row, RouteSettings.builder().effort(effort).build()))
                .toList();
        List<TextScore.Window> windows = new ArrayList<>();
        double flops = 0;
        long tokens = 0;
        for (int row = 0; row < pending.size(); row++) {
            TokenScores scores = pending.get(row).join();
            windows.add(window(row, scores));
            int read = scores.depths().length;
            flops += SequenceCost.of(config, scores.depths(), Integer.MAX_VALUE, read - 1)
                    .flops();
            tokens += read;
        }
        return new Quality(new TextScore(windows, config.numRecursions()), flops / tokens);
    }

    /// The predicted tokens of a row, with the depths of the positions that predicted them.
    private TextScore.Window window(int row, TokenScores scores) {
        double[] logprobs = scores.logprobs();
        Long[] depths = new Long[engine.config().numRecursions()];
        Arrays.fill(depths, 0L);
        for (int position = 0; position < logprobs.length - 1; position++) {
            depths[scores.depths()[position] - 1]++;
        }
        double nats = -Arrays.stream(logprobs, 1, logprobs.length).sum();
        return new TextScore.Window(row, logprobs.length - 1, 0, nats, List.of(depths));
    }

    private void print(double effort, Quality here, Quality full, List<Written> written) {
        Estimate nll = here.score().nll();
        PairedDifference aboveFull = here.score().minus(full.score());
        ObjectNode line = JSON.createObjectNode();
        line.put("effort", effort);
        line.put("rows", rows.size());
        line.put("nll", nll.mean());
        line.put("nll_standard_error", nll.standardError());
        line.put("nll_above_full", aboveFull.mean());
        line.put("nll_above_full_standard_error", aboveFull.standardError());
        line.put("mean_depth", here.score().meanDepth());
        line.put("flops_per_token", here.flopsPerToken());
        line.set("shares", JSON.valueToTree(here.score().shareOfTokensPerStep()));
        Written first = written.getFirst();
        line.set("written_shares", JSON.valueToTree(first.shares()));
        line.put("written_flops", first.flops());
        double[] speeds =
                written.stream().mapToDouble(Written::tokensPerSecond).sorted().toArray();
        line.put("written_tokens_per_second", speeds[speeds.length / 2]);
        line.put("written_tokens_per_second_least", speeds[0]);
        line.put("written_tokens_per_second_most", speeds[speeds.length - 1]);
        System.out.println(line);
    }

    /// Generates at every effort in turn, so that changes on the machine affect all alike.
    ///
    /// @return the rounds of each effort; the generated text is the same in each
    private List<List<Written>> write(List<Double> efforts) {
        List<List<Written>> written =
                efforts.stream().<List<Written>>map(_ -> new ArrayList<>()).toList();
        for (int round = 0; round < ROUNDS_TO_WARM_UP + ROUNDS; round++) {
            for (int i = 0; i < efforts.size(); i++) {
                Written done = write(efforts.get(i));
                if (round >= ROUNDS_TO_WARM_UP) {
                    written.get(i).add(done);
                }
            }
        }
        return written;
    }

    /// Continues held-out texts, all at once, by sampling from the model's own distribution.
    private Written write(double effort) {
        engine.clearPrefixCache();
        EngineStatistics before = engine.statistics();
        long start = System.nanoTime();
        List<TokenStream> streams = new ArrayList<>();
        for (int text = 0; text < Math.min(TEXTS, rows.size()); text++) {
            streams.add(engine.submit(
                    GenerationRequest.builder(Arrays.copyOf(rows.get(text), PROMPT_TOKENS), WRITTEN_TOKENS)
                            .sampling(SamplingSettings.UNCHANGED)
                            .seed(text)
                            .ending(StopConditions.NONE)
                            .route(RouteSettings.builder().effort(effort).build())
                            .build()));
        }
        double[] shares = new double[engine.config().numRecursions()];
        long tokens = 0;
        for (TokenStream stream : streams) {
            for (Token token : stream) {
                tokens++;
                for (int step = 0; step < token.depth(); step++) {
                    shares[step]++;
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long written = tokens;
        return new Written(
                Arrays.stream(shares).map(sum -> sum / written).boxed().toList(),
                engine.statistics().flops().total() - before.flops().total(),
                written / seconds);
    }
}
