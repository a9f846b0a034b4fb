package dev.saiki.engine.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Models;
import dev.saiki.engine.Models.Model;
import dev.saiki.engine.cache.PageLayout;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.cache.SequenceCache;
import dev.saiki.engine.kernel.WorkerPool;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.InputWatcher;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class StagesTest {

    private static final long SEED = 20261124;

    @TempDir
    private Path folder;

    static Stream<Model> models() {
        return Models.all();
    }

    @ParameterizedTest
    @MethodSource("models")
    void theCacheHoldsExactlyWhatTheDepthsSayAtEveryStep(Model model) throws IOException {
        try (EngineWeights weights = EngineWeights.read(
                        RandomCheckpoint.write(folder.resolve("model"), model.config(), SEED),
                        WeightFormat.FLOAT32,
                        InputWatcher.NONE);
                WorkerPool workers = WorkerPool.of(1)) {
            Stages stages = new Stages(weights, workers);
            PageLayout layout = new PageLayout(stages.cacheShape().maxLayers(), 4, 2, 8, CacheFormat.FLOAT32);
            try (PagePool pool = new PagePool(layout, 1000)) {
                SequenceCache cache = new SequenceCache(stages.cacheShape(), pool);
                int[] depths = new int[0];
                int[] ids = Models.text(new Random(SEED), 40);
                for (int position = 0; position < ids.length; position++) {
                    TokenChunk chunk = new TokenChunk(
                            cache, new int[] {ids[position]}, position, RouteSettings.MODEL, model.config());
                    decode(stages, chunk);
                    depths = Arrays.copyOf(depths, position + 1);
                    depths[position] = chunk.depth(0);
                    SequenceCost cost = SequenceCost.of(model.config(), depths, Integer.MAX_VALUE, 0);
                    assertThat(pool.bytesInUse())
                            .as("after position %d", position)
                            .isEqualTo(cost.cacheBytes(model.config(), Float.BYTES));
                }
                cache.clear();
                assertThat(pool.freePages()).isEqualTo(1000);
                assertThat(pool.bytesInUse()).isZero();
            }
        }
    }

    private static void decode(Stages stages, TokenChunk chunk) {
        stages.enter(List.of(chunk));
        while (chunk.activeCount() > 0) {
            stages.recurse(List.of(chunk));
        }
        stages.exit(List.of(chunk), new LogitsOf(-1, new float[0]));
    }

    /// A consumer that keeps the logits after one token.
    @SuppressWarnings("ArrayRecordComponent") // Filled for the test; never compared.
    private record LogitsOf(int wanted, float[] result) implements LogitsConsumer {

        @Override
        public boolean wants(int chunk, int token) {
            return token == wanted;
        }

        @Override
        public void take(int chunk, int token, float[] logits, int from) {
            System.arraycopy(logits, from, result, 0, result.length);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightFormat.class,
            names = {"BFLOAT16", "INT8"})
    void lowerPrecisionStaysNear(WeightFormat format) throws IOException {
        ModelConfig first = Models.all().findFirst().orElseThrow().config();
        assertThat(errorOf(first, format)).isPositive().isLessThan(0.05);
        for (Model model : Models.trunks().toList()) {
            assertThat(errorOf(model.config(), format))
                    .as(model.name())
                    .isPositive()
                    .isLessThan(0.1);
        }
    }

    @Test
    void fourBitsAreAboutSixteenTimesAsCoarseAsEight() throws IOException {
        ModelConfig first = Models.all().findFirst().orElseThrow().config();
        double eight = errorOf(first, WeightFormat.INT8);
        double four = errorOf(first, WeightFormat.INT4);
        assertThat(four / eight).isBetween(5.0, 40.0);
    }

    /// The relative error of the logits.
    private double errorOf(ModelConfig config, WeightFormat format) throws IOException {
        float[] exact = logits(config, WeightFormat.FLOAT32);
        float[] rounded = logits(config, format);
        double error = 0;
        double size = 0;
        for (int i = 0; i < exact.length; i++) {
            error += Math.pow(exact[i] - rounded[i], 2);
            size += Math.pow(exact[i], 2);
        }
        return Math.sqrt(error / size);
    }

    private float[] logits(ModelConfig config, WeightFormat format) throws IOException {
        CheckpointDirectory checkpoint = RandomCheckpoint.write(folder.resolve("rounded"), config, SEED);
        float[] result = new float[checkpoint.config().vocabSize()];
        try (EngineWeights weights = EngineWeights.read(checkpoint, format, InputWatcher.NONE);
                WorkerPool workers = WorkerPool.of(2)) {
            Stages stages = new Stages(weights, workers);
            PageLayout layout = new PageLayout(stages.cacheShape().maxLayers(), 4, 2, 8, CacheFormat.BFLOAT16);
            try (PagePool pool = new PagePool(layout, 100)) {
                SequenceCache cache = new SequenceCache(stages.cacheShape(), pool);
                int[] ids = Models.text(new Random(SEED), 20);
                TokenChunk chunk = new TokenChunk(cache, ids, 0, RouteSettings.MODEL, checkpoint.config());
                stages.enter(List.of(chunk));
                while (chunk.activeCount() > 0) {
                    stages.recurse(List.of(chunk));
                }
                stages.exit(List.of(chunk), new LogitsOf(19, result));
            }
        }
        return result;
    }

    @Test
    void theErrorFunctionIsRight() {
        // Values from a table (Abramowitz and Stegun, table 7.1) and from symmetry.
        assertThat(ErrorFunction.erf(0)).isZero();
        assertThat(ErrorFunction.erf(0.5)).isCloseTo(0.5204998778130465, within(1e-12));
        assertThat(ErrorFunction.erf(1)).isCloseTo(0.8427007929497149, within(1e-12));
        assertThat(ErrorFunction.erf(2)).isCloseTo(0.9953222650189527, within(1e-12));
        assertThat(ErrorFunction.erf(-3)).isCloseTo(-0.9999779095030014, within(1e-12));
        assertThat(ErrorFunction.erf(2.5 - 1e-12)).isCloseTo(ErrorFunction.erf(2.5 + 1e-12), within(1e-11));
    }
}
