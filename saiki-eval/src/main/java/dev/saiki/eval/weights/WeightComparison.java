package dev.saiki.eval.weights;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.ClusterMean;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// The comparison of number formats of a model's weights on one text, by the engine that serves it.
///
/// @param checkpoint the model
/// @param windows pieces of text of at least two tokens, at least one piece
public record WeightComparison(CheckpointDirectory checkpoint, List<int[]> windows) {

    private static final int PROMPT_TOKENS = 16;
    private static final int ANSWER_TOKENS = 64;

    /// Checks and copies the windows.
    ///
    /// @throws InputException if there is no text
    public WeightComparison {
        windows = windows.stream().filter(ids -> ids.length > 1).toList();
        InputException.require(!windows.isEmpty(), "the text must have at least two tokens, got fewer");
    }

    /// Cuts documents into windows.
    ///
    /// @param checkpoint the model
    /// @param documents token ids of each document
    /// @param most maximum number of windows
    /// @return the comparison, on windows as long as the model's context
    public static WeightComparison of(CheckpointDirectory checkpoint, List<int[]> documents, int most) {
        int length = checkpoint.config().maxPositionEmbeddings();
        List<int[]> windows = documents.stream()
                .flatMap(document -> IntStream.range(0, Math.ceilDiv(document.length, length))
                        .mapToObj(i ->
                                Arrays.copyOfRange(document, i * length, Math.min(document.length, (i + 1) * length))))
                .limit(most)
                .toList();
        return new WeightComparison(checkpoint, windows);
    }

    /// A model's weights in one format.
    ///
    /// @param name the name in the result
    /// @param checkpoint the model, perhaps with rounded weights
    /// @param format the format in which the engine holds them
    public record Variant(String name, CheckpointDirectory checkpoint, WeightFormat format) {}

    /// Measures float32 and the other formats of `--weights`.
    ///
    /// @param each receives each result as soon as it is measured
    /// @return the results
    public List<WeightResult> measure(Consumer<WeightResult> each) {
        return measure(
                Arrays.stream(WeightFormat.values())
                        .map(format -> new Variant(format.key(), checkpoint, format))
                        .toList(),
                each);
    }

    /// Measures weights.
    ///
    /// @param variants the weights, first those with which the others are compared
    /// @param each receives each result as soon as it is measured
    /// @return the results
    public List<WeightResult> measure(List<Variant> variants, Consumer<WeightResult> each) {
        List<WeightResult> results = new ArrayList<>();
        List<TokenScores> exact = List.of();
        for (Variant variant : variants) {
            EngineOptions options =
                    EngineOptions.builder().weights(variant.format()).build();
            try (Engine engine = Engine.withoutText(variant.checkpoint(), options)) {
                List<TokenScores> scores = scores(engine);
                exact = exact.isEmpty() ? scores : exact;
                WeightResult result = result(variant.name(), engine, exact, scores);
                each.accept(result);
                results.add(result);
            }
        }
        return results;
    }

    private List<TokenScores> scores(Engine engine) {
        List<CompletableFuture<TokenScores>> asked = windows.stream()
                .map(ids -> engine.score(ScoreRequest.builder(ids, RouteSettings.MODEL)
                        .alternatives(1)
                        .build()))
                .toList();
        return asked.stream().map(CompletableFuture::join).toList();
    }

    private WeightResult result(String name, Engine engine, List<TokenScores> exact, List<TokenScores> scores) {
        List<Integer> all = IntStream.range(0, windows.size()).boxed().toList();
        ClusterMean loss = ClusterMean.of(all, i -> loss(scores.get(i)), i -> windows.get(i).length - 1);
        ClusterMean lossOfExact = ClusterMean.of(all, i -> loss(exact.get(i)), i -> windows.get(i).length - 1);
        ClusterMean tokens =
                ClusterMean.of(all, i -> otherTokens(exact.get(i), scores.get(i)), i -> windows.get(i).length - 1);
        ClusterMean depths =
                ClusterMean.of(all, i -> otherDepths(exact.get(i), scores.get(i)), i -> windows.get(i).length);
        return new WeightResult(
                name,
                engine.weightBytes(),
                loss.mean(),
                loss.less(lossOfExact),
                tokens.mean(),
                depths.mean(),
                speed(engine));
    }

    private static double loss(TokenScores scores) {
        return -Arrays.stream(scores.logprobs()).skip(1).sum();
    }

    private static double otherTokens(TokenScores exact, TokenScores scores) {
        return IntStream.range(1, scores.logprobs().length)
                .filter(at -> exact.alternatives().get(at).getFirst().id()
                        != scores.alternatives().get(at).getFirst().id())
                .count();
    }

    private static double otherDepths(TokenScores exact, TokenScores scores) {
        return IntStream.range(0, scores.depths().length)
                .filter(at -> exact.depths()[at] != scores.depths()[at])
                .count();
    }

    /// The speed of the second answer, because the first one warms up.
    private double speed(Engine engine) {
        int[] first = windows.getFirst();
        int length = checkpoint.config().maxPositionEmbeddings();
        int[] prompt = Arrays.copyOf(first, Math.min(Math.min(first.length, PROMPT_TOKENS), length - 1));
        int tokens = Math.min(ANSWER_TOKENS, length - prompt.length);
        tokensPerSecond(engine, prompt, tokens);
        return tokensPerSecond(engine, prompt, tokens);
    }

    private static double tokensPerSecond(Engine engine, int[] prompt, int tokens) {
        try (TokenStream stream = engine.submit(GenerationRequest.greedy(prompt, tokens))) {
            long start = 0;
            long end = 0;
            int count = 0;
            for (Token _ : stream) {
                end = System.nanoTime();
                start = count++ == 0 ? end : start;
            }
            return count < 2 ? Double.NaN : (count - 1) * 1e9 / (end - start);
        }
    }
}
