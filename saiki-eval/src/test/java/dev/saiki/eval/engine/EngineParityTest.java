package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.Sampler;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.GenerateOptions;
import dev.saiki.eval.GeneratedToken;
import dev.saiki.eval.Generation;
import dev.saiki.eval.Generator;
import dev.saiki.eval.NextToken;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.routing.RoutingRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The engine and LibTorch serve as references for each other.
class EngineParityTest {

    private static final double TOLERANCE = 1e-3;
    private static final long SEED = 20261124;
    private static final int WRITTEN = 10;

    @TempDir
    private Path folder;

    static Stream<Variants.Variant> variants() {
        return Variants.all().stream();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void prefillChunksStepsAndBatchesScoreAsLibTorchDoes(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED);
        List<int[]> texts = List.of(
                Opened.text(random, Variants.CONTEXT),
                Opened.text(random, 1),
                Opened.text(random, 17),
                Opened.text(random, 40));
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED)) {
            List<ScoredSequence> expected = model.scorer().score(texts, ScoreOptions.CAUSAL);
            for (int chunk : List.of(1, 5, Variants.CONTEXT)) {
                try (Engine engine = model.engine(EngineOptions.builder()
                        .threads(2)
                        .chunkTokens(chunk)
                        .maxRows(64)
                        .build())) {
                    assertEqual(expected, scored(engine, texts, RouteSettings.MODEL), "chunks of " + chunk);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aBoundOnTheDepthMeansTheSameToBoth(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED + 1);
        List<int[]> texts = List.of(Opened.text(random, 24), Opened.text(random, 9));
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(2).build())) {
            for (int depth = 1; depth <= variant.config().numRecursions(); depth++) {
                List<ScoredSequence> expected =
                        model.scorer().score(texts, new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN));
                RouteSettings route = RouteSettings.within(1, depth);
                assertEqual(expected, scored(engine, texts, route), "at most " + depth);
            }
        }
    }

    /// Compares several texts at once, with paged keys and values, with one prefix after another without a
    /// cache.
    @ParameterizedTest
    @MethodSource("variants")
    void eachTokenIsWhatADecoderWithoutACacheWrites(Variants.Variant variant) throws IOException {
        Random random = new Random(SEED + 2);
        List<int[]> prompts = List.of(Opened.text(random, 1), Opened.text(random, 6), Opened.text(random, 19));
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder()
                        .threads(2)
                        .chunkTokens(4)
                        .maxRows(64)
                        .build())) {
            List<TokenStream> streams = prompts.stream()
                    .map(prompt -> engine.submit(GenerationRequest.builder(prompt, WRITTEN)
                            .ending(StopConditions.NONE)
                            .wholeUtf8(false)
                            .build()))
                    .toList();
            for (int i = 0; i < prompts.size(); i++) {
                int[] prefix = prompts.get(i);
                for (Token token : streams.get(i)) {
                    NextToken next = NextToken.after(model.scorer(), prefix, ScoreOptions.CAUSAL);
                    double best = new TokenDistribution(next.logits()).logprob(Sampler.likeliest(next.logits()));
                    assertThat(token.depth()).isEqualTo(next.depth());
                    assertThat(token.logprob())
                            .isCloseTo(new TokenDistribution(next.logits()).logprob(token.id()), within(TOLERANCE))
                            .isCloseTo(best, within(TOLERANCE));
                    prefix = Arrays.copyOf(prefix, prefix.length + 1);
                    prefix[prefix.length - 1] = token.id();
                }
                assertThat(prefix).hasSize(prompts.get(i).length + WRITTEN);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void bothWriteTheSameWholeCharacters(Variants.Variant variant) throws IOException {
        String prompt = "a猫";
        int tokens = 2 * WRITTEN;
        try (Opened model = new Opened(folder.resolve("model"), variant.config(), SEED);
                Engine engine = model.engine(EngineOptions.builder().threads(2).build());
                TokenStream stream = engine.submit(GenerationRequest.greedy(Opened.BYTES.encode(prompt), tokens))) {
            Generation expected = new Generator(
                            (prefix, options) -> NextToken.after(model.scorer(), prefix, options),
                            Opened.BYTES,
                            Variants.CONTEXT)
                    .generate(prompt, GenerateOptions.of(tokens, SamplingSettings.GREEDY, 0), _ -> {});
            List<Integer> ids = new ArrayList<>();
            stream.forEach(token -> ids.add(token.id()));
            assertThat(ids)
                    .isEqualTo(
                            expected.tokens().stream().map(GeneratedToken::id).toList());
            assertThat(expected.text()).doesNotContain("\uFFFD");
        }
    }

    static List<TokenScores> scored(Engine engine, List<int[]> texts, RouteSettings route) {
        List<CompletableFuture<TokenScores>> pending = new ArrayList<>();
        for (int[] text : texts) {
            pending.add(engine.score(text, route));
        }
        return pending.stream().map(CompletableFuture::join).toList();
    }

    private static void assertEqual(List<ScoredSequence> expected, List<TokenScores> actual, String how) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).depths())
                    .as("%s: depths", how)
                    .isEqualTo(expected.get(i).depths());
            for (int t = 1; t < actual.get(i).depths().length; t++) {
                assertThat(actual.get(i).logprobs()[t])
                        .as("%s: position %d", how, t)
                        .isCloseTo(expected.get(i).logprobs()[t], within(TOLERANCE));
            }
        }
    }
}
