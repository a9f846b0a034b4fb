package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.settings.DepthHistogram;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.InputWatcher;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CachedPrefixTest {

    private static final long SEED = 20261124;
    private static final EngineOptions CACHED =
            EngineOptions.builder().threads(1).build();
    private static final EngineOptions UNCACHED =
            CACHED.toBuilder().prefixCache(false).build();

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    private Engine open(ModelConfig config, EngineOptions options) throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), config, SEED);
        return Engine.withoutText(checkpoint, options);
    }

    private Engine expertChoice() throws IOException {
        return open(Models.expertChoice(KeyValueSharing.NONE), CACHED);
    }

    /// The tokens of an answer, and its result.
    private record Answer(List<Token> tokens, GenerationResult finish) {

        static Answer of(Engine engine, int[] prompt, int tokens) {
            return of(engine, prompt, tokens, RouteSettings.MODEL);
        }

        static Answer of(Engine engine, int[] prompt, int tokens, RouteSettings route) {
            List<Token> written = new ArrayList<>();
            try (TokenStream stream = engine.submit(
                    GenerationRequest.builder(prompt, tokens).route(route).build())) {
                stream.forEach(written::add);
                return new Answer(written, stream.finish());
            }
        }

        int[] textAfter(int[] prompt) {
            return IntStream.concat(Arrays.stream(prompt), tokens.stream().mapToInt(Token::id))
                    .toArray();
        }

        void assertSays(Answer other) {
            assertThat(tokens).isEqualTo(other.tokens);
            assertThat(finish.meanDepth()).isEqualTo(other.finish.meanDepth());
            assertThat(finish.promptTokens()).isEqualTo(other.finish.promptTokens());
        }
    }

    private static int[] prompt() {
        return Models.text(new Random(SEED), 37);
    }

    private static int[] changedAt(int position) {
        int[] changed = prompt();
        changed[position] = changed[position] % 200 + 1;
        return changed;
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsFoundSaysTheSameToTheLastBit(Model model) throws IOException {
        try (Engine cached = open(
                        model.config(),
                        CACHED.toBuilder().chunkTokens(7).maxRows(16).build());
                Engine uncached = Engine.withoutText(
                        CheckpointDirectory.open(folder.resolve("model")),
                        UNCACHED.toBuilder().chunkTokens(7).maxRows(16).build())) {
            Answer first = Answer.of(cached, prompt(), 8);
            first.assertSays(Answer.of(uncached, prompt(), 8));
            assertThat(first.finish().cachedTokens()).isZero();
            for (int shared : List.of(36, 32, 31, 17, 16, 15, 3, 1)) {
                Answer answer = Answer.of(cached, changedAt(shared), 20);
                assertThat(answer.finish().cachedTokens()).isEqualTo(shared);
                answer.assertSays(Answer.of(uncached, changedAt(shared), 20));
            }
            Answer again = Answer.of(cached, prompt(), 20);
            assertThat(again.finish().cachedTokens()).isEqualTo(36);
            again.assertSays(Answer.of(uncached, prompt(), 20));
            assertThat(uncached.statistics().prefixes())
                    .isEqualTo(new EngineStatistics.PrefixCacheStatistics(0, 0, 0, 0, 0, 0));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightFormat.class,
            names = {"BFLOAT16", "INT8", "INT4"})
    void whatIsFoundSaysTheSameInLowerPrecision(WeightFormat format) throws IOException {
        try (Engine engine = open(
                Models.expertChoice(KeyValueSharing.HYBRID),
                CACHED.toBuilder().weights(format).build())) {
            Answer first = Answer.of(engine, prompt(), 20);
            Answer again = Answer.of(engine, prompt(), 20);
            assertThat(again.finish().cachedTokens()).isEqualTo(36);
            again.assertSays(first);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsFoundIsNotComputedAgain(Model model) throws IOException {
        try (Engine engine = open(
                model.config(), CACHED.toBuilder().chunkTokens(7).maxRows(16).build())) {
            int[] depths = engine.score(prompt(), RouteSettings.MODEL).join().depths();
            for (int max : List.of(3, 2)) {
                engine.clearPrefixCache();
                RouteSettings route = RouteSettings.within(1, max);
                int[] taken =
                        max == 3 ? depths : engine.score(prompt(), route).join().depths();
                long all = flopsOf(engine, prompt(), route);
                for (int shared : List.of(36, 20, 5)) {
                    long rest = flopsOf(engine, changedAt(shared), route);
                    SequenceCost cost = SequenceCost.of(model.config(), Arrays.copyOf(taken, shared), max, 0);
                    engine.clearPrefixCache();
                    long changed = flopsOf(engine, changedAt(shared), route);
                    assertThat(changed - rest).isEqualTo(cost.flops());
                    assertThat(cost.flops()).isLessThan(all);
                    engine.clearPrefixCache();
                    flopsOf(engine, prompt(), route);
                }
            }
        }
    }

    /// The operations of an answer of one token.
    private static long flopsOf(Engine engine, int[] prompt, RouteSettings route) {
        long before = engine.statistics().flops().total();
        Answer.of(engine, prompt, 1, route);
        return engine.statistics().flops().total() - before;
    }

    @Test
    void theNextTurnOfAChatComputesOnlyWhatIsNew() throws IOException {
        try (Engine engine = expertChoice()) {
            int[] first = Models.text(new Random(SEED), 11);
            Answer answer = Answer.of(engine, first, 13);
            int[] turn = IntStream.concat(Arrays.stream(answer.textAfter(first)), IntStream.of(7, 8, 9))
                    .toArray();
            Answer next = Answer.of(engine, turn, 5);
            // The last generated token has not been through the model, so it is not cached.
            assertThat(next.finish().cachedTokens()).isEqualTo(23);
            EngineStatistics.PrefixCacheStatistics prefixes =
                    engine.statistics().prefixes();
            assertThat(prefixes.lookups()).isEqualTo(2);
            assertThat(prefixes.tokensAsked()).isEqualTo(11 + 27);
            assertThat(prefixes.tokensServed()).isEqualTo(23);
        }
    }

    @Test
    void aPromptIsFoundAsSoonAsItWasRead() throws IOException {
        try (Engine engine = expertChoice();
                TokenStream stream = engine.submit(GenerationRequest.greedy(prompt(), 20))) {
            stream.iterator().next();
            assertThat(Answer.of(engine, prompt(), 1).finish().cachedTokens()).isEqualTo(36);
            assertThat(stream.finish().cachedTokens()).isZero();
        }
    }

    @Test
    void onlyTheSameRouteFindsAPrefix() throws IOException {
        RouteSettings bounded = RouteSettings.within(1, 2);
        List<RouteSettings> routes = List.of(
                RouteSettings.MODEL,
                bounded,
                RouteSettings.within(2, 3),
                RouteSettings.builder().effort(0.5).build(),
                RouteSettings.builder().effort(0.75).build(),
                bounded.toBuilder().effort(0.75).build(),
                RouteSettings.builder()
                        .forced(new DepthHistogram(List.of(0.5, 0.25, 0.25), 1))
                        .build(),
                RouteSettings.builder()
                        .forced(new DepthHistogram(List.of(0.5, 0.25, 0.25), 2))
                        .build(),
                RouteSettings.builder()
                        .forced(new DepthHistogram(List.of(0.25, 0.5, 0.25), 1))
                        .build());
        try (Engine engine = open(Models.expertThreshold(), CACHED)) {
            for (RouteSettings route : routes) {
                assertThat(Answer.of(engine, prompt(), 3, route).finish().cachedTokens())
                        .as("first with %s", route)
                        .isZero();
            }
            for (RouteSettings route : routes) {
                assertThat(Answer.of(engine, prompt(), 3, route).finish().cachedTokens())
                        .as("again with %s", route)
                        .isEqualTo(36);
            }
        }
    }

    @Test
    void anotherFirstTokenFindsNothing() throws IOException {
        try (Engine engine = expertChoice()) {
            Answer.of(engine, prompt(), 1);
            assertThat(Answer.of(engine, changedAt(0), 1).finish().cachedTokens())
                    .isZero();
            assertThat(Answer.of(engine, Arrays.copyOfRange(prompt(), 1, 37), 1)
                            .finish()
                            .cachedTokens())
                    .isZero();
        }
    }

    @Test
    void readingAModelAgainMakesAnotherIdentity() throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("model"), Models.vanilla(), SEED);
        try (EngineWeights first = EngineWeights.read(checkpoint, WeightFormat.FLOAT32, InputWatcher.NONE);
                EngineWeights second = EngineWeights.read(checkpoint, WeightFormat.FLOAT32, InputWatcher.NONE)) {
            assertThat(first.reading()).isNotEqualTo(second.reading());
        }
    }

    @Test
    void aTextThatIsScoredIsComputedWhole() throws IOException {
        try (Engine engine = expertChoice()) {
            TokenScores before = engine.score(prompt(), RouteSettings.MODEL).join();
            assertThat(engine.statistics().prefixes().nodes()).isZero();
            Answer.of(engine, prompt(), 1);
            TokenScores after = engine.score(prompt(), RouteSettings.MODEL).join();
            assertThat(after.logprobs()).isEqualTo(before.logprobs());
            assertThat(after.depths()).isEqualTo(before.depths());
            assertThat(engine.statistics().prefixes().lookups()).isEqualTo(1);
        }
    }

    @Test
    void whatWasCancelledOrLateIsFoundAsFarAsItCame() throws IOException {
        try (Engine engine = expertChoice()) {
            try (TokenStream stream = engine.submit(GenerationRequest.greedy(prompt(), 27))) {
                stream.iterator().next();
                stream.cancel();
                assertThat(stream.finish().reason()).isIn(FinishReason.CANCELLED, FinishReason.MAX_TOKENS);
            }
            assertThat(Answer.of(engine, prompt(), 1).finish().cachedTokens()).isEqualTo(36);
            try (TokenStream late = engine.submit(GenerationRequest.builder(prompt(), 1)
                    .timeout(Duration.ofNanos(1))
                    .build())) {
                assertThat(late.finish().reason()).isEqualTo(FinishReason.DEADLINE);
                assertThat(late.finish().cachedTokens()).isZero();
            }
            assertThat(engine.statistics().cache().pagesInUse()).isZero();
            assertThat(engine.statistics().cache().bytesInUse()).isZero();
        }
    }

    @Test
    void whatIsKeptIsCountedApartAndCanBeForgotten() throws IOException {
        try (Engine engine = expertChoice()) {
            Answer.of(engine, prompt(), 20);
            EngineStatistics kept = engine.statistics();
            assertThat(kept.cache().pagesInUse()).isZero();
            assertThat(kept.prefixes().nodes()).isEqualTo(4);
            assertThat(kept.prefixes().pagesKept()).isPositive();
            assertThat(kept.prefixes().bytesKept()).isPositive();
            EngineStatistics cleared = engine.clearPrefixCache();
            assertThat(cleared.prefixes().nodes()).isZero();
            assertThat(cleared.prefixes().pagesKept()).isZero();
            assertThat(cleared.prefixes().bytesKept()).isZero();
            assertThat(Answer.of(engine, prompt(), 1).finish().cachedTokens()).isZero();
        }
    }

    /// Memory suffices for only one request, so every cached page must be evicted for the next one.
    @Test
    void whatIsKeptNeverStandsInTheWay() throws IOException {
        int tokens = 50;
        try (Engine engine = open(
                        Models.expertChoice(KeyValueSharing.NONE),
                        CACHED.toBuilder().cacheBytes(66_000).build());
                Engine uncached = Engine.withoutText(CheckpointDirectory.open(folder.resolve("model")), UNCACHED)) {
            Random random = new Random(SEED);
            int[] first = Models.text(random, 14);
            Answer.of(engine, first, tokens);
            for (int i = 0; i < 20; i++) {
                int[] prompt = Models.text(random, 14);
                Answer answer = Answer.of(engine, prompt, tokens);
                answer.assertSays(Answer.of(uncached, prompt, tokens));
                assertThat(Answer.of(engine, prompt, tokens).finish().cachedTokens())
                        .isEqualTo(13);
            }
            assertThat(Answer.of(engine, first, tokens).finish().cachedTokens()).isZero();
            EngineStatistics after = engine.statistics();
            assertThat(after.preemptions()).isZero();
            assertThat(after.prefixes().pagesKept())
                    .isLessThanOrEqualTo(after.cache().pages());
        }
    }
}
