package dev.saiki.eval.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RopeScaling;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.model.ScoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A text of more than 8,192 tokens, beyond the original context of scaled positions.
class LongContextTest {

    private static final int ORIGINAL = 8192;
    private static final int LENGTH = 9000;

    @TempDir
    private Path folder;

    @Test
    void bothEnginesReadFarBeyondTheOriginalContext() throws IOException {
        ModelConfig config = Variants.vanilla(2)
                .withNumHiddenLayers(2)
                .withMaxPositionEmbeddings(8 * ORIGINAL)
                .withArchitecture(Architecture.LLAMA.withRopeScaling(new RopeScaling.Llama3(8, 1, 4, ORIGINAL)));
        int[] text = Opened.text(new Random(5), LENGTH);
        try (Opened model = new Opened(folder.resolve("model"), config, 5);
                Engine engine = model.engine(
                        EngineOptions.builder().threads(2).chunkTokens(512).build())) {
            float[] expected = model.scorer()
                    .score(List.of(text), ScoreOptions.CAUSAL)
                    .getFirst()
                    .logprobs();
            double[] actual = engine.score(text, RouteSettings.MODEL).join().logprobs();

            for (int position : List.of(1, 4095, ORIGINAL - 1, ORIGINAL, ORIGINAL + 1, LENGTH - 1)) {
                assertThat(actual[position]).as("position %d", position).isCloseTo(expected[position], within(1e-3));
            }
        }
    }
}
