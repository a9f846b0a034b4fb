package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingTest {

    private static final long SEED = 20261125;
    private static final EngineOptions OPTIONS =
            EngineOptions.builder().threads(2).build();

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    private Engine open(Model model, EngineOptions options) throws IOException {
        return Engine.withoutText(RandomCheckpoint.write(folder.resolve("model"), model.config(), SEED), options);
    }

    private static double length(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @MethodSource("models")
    void neitherOthersNorChunksChangeABit(Model model) throws IOException {
        Random random = new Random(SEED);
        List<int[]> texts = List.of(Models.text(random, 40), Models.text(random, 1), Models.text(random, 23));
        List<float[]> alone = new ArrayList<>();
        try (Engine engine = open(model, OPTIONS)) {
            for (int[] text : texts) {
                TextEmbedding embedding =
                        engine.embed(text, RouteSettings.MODEL).join();
                assertThat(length(embedding.vector())).isCloseTo(1, within(1e-6));
                assertThat(embedding.depths())
                        .isEqualTo(
                                engine.score(text, RouteSettings.MODEL).join().depths());
                alone.add(embedding.vector());
            }
        }
        try (Engine engine =
                open(model, OPTIONS.toBuilder().chunkTokens(7).maxRows(32).build())) {
            TokenStream writing = engine.submit(GenerationRequest.builder(Models.text(random, 5), 30)
                    .ending(StopConditions.NONE)
                    .build());
            List<CompletableFuture<TextEmbedding>> together = texts.stream()
                    .map(text -> engine.embed(text, RouteSettings.MODEL))
                    .toList();
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together.get(i).join().vector()).isEqualTo(alone.get(i));
            }
            assertThat(writing.finish().tokens()).isEqualTo(30);
        }
    }

    @Test
    void whoeverGivesItsPagesBackHasTheSameVectorInTheEnd() throws IOException {
        Model model = new Model("", Models.expertChoice(KeyValueSharing.NONE));
        Random random = new Random(SEED);
        // All tokens take the greatest depth, which the scheduler's first forecast, based on capacities, does not
        // expect.
        RouteSettings deepest = RouteSettings.within(3, 3);
        List<int[]> texts =
                Stream.generate(() -> Models.text(random, 60)).limit(40).toList();
        List<float[]> alone = new ArrayList<>();
        try (Engine engine = open(model, OPTIONS)) {
            texts.forEach(text -> alone.add(engine.embed(text, deepest).join().vector()));
        }
        long pageBytes = 2L * 2 * 16 * 2 * 8 * 4;
        try (Engine engine = open(
                model,
                OPTIONS.toBuilder()
                        .chunkTokens(4)
                        .maxRows(16)
                        .cacheBytes(28 * pageBytes)
                        .build())) {
            List<CompletableFuture<TextEmbedding>> together = HeldEngine.atOnce(
                    engine,
                    () -> texts.stream()
                            .map(text -> engine.embed(text, deepest))
                            .toList());
            for (int i = 0; i < texts.size(); i++) {
                assertThat(together.get(i).join().vector()).isEqualTo(alone.get(i));
            }
            assertThat(engine.statistics().preemptions()).isPositive();
        }
    }

    @Test
    void depthIsWhatWasAskedFor() throws IOException {
        int[] text = Models.text(new Random(SEED), 30);
        try (Engine engine = open(new Model("", Models.expertThreshold()), OPTIONS)) {
            TextEmbedding shallow =
                    engine.embed(text, RouteSettings.within(1, 1)).join();
            TextEmbedding deep = engine.embed(text, RouteSettings.within(3, 3)).join();
            assertThat(shallow.depths()).containsOnly(1);
            assertThat(deep.depths()).containsOnly(3);
            assertThat(shallow.vector()).isNotEqualTo(deep.vector());
            int least = sum(engine, text, 0.25);
            assertThat(sum(engine, text, 1)).isGreaterThan(least);
        }
    }

    private static int sum(Engine engine, int[] text, double effort) {
        return Arrays.stream(engine.embed(
                                text, RouteSettings.builder().effort(effort).build())
                        .join()
                        .depths())
                .sum();
    }

    @Test
    void whatWasCancelledEndsAndTheOthersGoOn() throws IOException {
        int[] text = Models.text(new Random(SEED), 60);
        try (Engine engine = open(
                new Model("", Models.expertThreshold()),
                OPTIONS.toBuilder().chunkTokens(1).maxRows(8).build())) {
            // Only one text is processed at a time; the cancelled text is the last one in the queue.
            List<CompletableFuture<TextEmbedding>> kept = IntStream.range(0, 40)
                    .mapToObj(i -> engine.embed(text, RouteSettings.MODEL))
                    .toList();
            CompletableFuture<TextEmbedding> dropped = engine.embed(text, RouteSettings.MODEL);
            assertThat(dropped.cancel(true)).isTrue();
            assertThat(kept).allSatisfy(one -> assertThat(one.join().depths()).hasSize(60));
            assertThat(engine.sequences()).isEmpty();
        }
    }

    @Test
    void whatCannotBeIsRefused() throws IOException {
        try (Engine engine = open(new Model("", Models.vanilla()), OPTIONS)) {
            assertThatThrownBy(() -> engine.embed(new int[0], RouteSettings.MODEL))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("at least 1 token");
            assertThatThrownBy(() -> engine.embed(new int[] {-1}, RouteSettings.MODEL))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("a token id");
            assertThatThrownBy(() -> engine.embed(new int[Models.CONTEXT + 1], RouteSettings.MODEL))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("context has 64 tokens");
            assertThatThrownBy(() -> engine.embed(
                            new int[] {1}, RouteSettings.builder().effort(0.5).build()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("effort");
        }
    }

    /// The norm turns the largest numbers into zeros, whose embedding has no direction.
    @ParameterizedTest
    @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.MAX_VALUE})
    void numbersThatAreNoneAreNotHandedOut(float weight) throws IOException {
        List<StoredTensor> tensors = new ArrayList<>();
        ParameterNames.required(Models.vanilla()).forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact))];
            Arrays.fill(values, weight);
            tensors.add(StoredTensor.ofFloats(name, shape, values));
        });
        CheckpointDirectory.write(
                folder.resolve("model"), Models.vanilla(), tensors, Optional.empty(), Manifest.untrained());
        try (Engine engine = Engine.withoutText(CheckpointDirectory.open(folder.resolve("model")), OPTIONS)) {
            assertThatThrownBy(() ->
                            engine.embed(new int[] {1, 2}, RouteSettings.MODEL).join())
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(NonFiniteException.class);
        }
    }

    @Test
    void theFirstNumbersAreAVectorOfLengthOneToo() {
        TextEmbedding whole = new TextEmbedding(new float[] {0.6f, 0, 0.8f}, new int[] {1}, 0, Duration.ZERO);
        assertThat(whole.first(3).vector()).isEqualTo(whole.vector());
        assertThat(whole.first(2).vector()).containsExactly(1, 0);
        assertThat(new TextEmbedding(new float[] {0, 1}, new int[] {1}, 0, Duration.ZERO)
                        .first(1)
                        .vector())
                .containsExactly(0);
        assertThatThrownBy(() -> whole.first(4)).hasMessageContaining("from 1 to 3");
    }
}
