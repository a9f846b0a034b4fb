package dev.saiki.checkpoint.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.Configs;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ModelFamily;
import dev.saiki.checkpoint.config.SlidingWindow;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowedLayersTest {

    private static final int WINDOW = 3;

    private static ModelConfig windowed(ModelConfig config, List<Integer> layers) {
        return config.withArchitecture(
                Architecture.of(ModelFamily.QWEN3).withSlidingWindow(new SlidingWindow(WINDOW, layers)));
    }

    private static long attention(ModelConfig config, int... depths) {
        return SequenceCost.of(config, depths, config.numRecursions(), 1).attentionFlops()
                / SequenceCost.attention(config, 1);
    }

    @Test
    void tokensCountTheKeysWithinTheWindow() {
        // Two layers of five tokens: one sees 1 + 2 + 3 + 4 + 5 keys, the other 1 + 2 + 3 + 3 + 3.
        assertThat(attention(windowed(Configs.tiny(2), List.of(1)), 1, 1, 1, 1, 1))
                .isEqualTo(15 + 12);
    }

    @Test
    void stepsCountThoseOfTheirOwnWithinTheWindow() {
        ModelConfig config = windowed(Configs.tiny(4), List.of(1, 2));
        ModelConfig routed = Configs.mixture(config, 2, KeyValueSharing.NONE);

        // Outside twice 15. Step 0: 1 + 2 + 3 + 3 + 3; step 1, with tokens 0, 1 and 4: 1 + 2 + 1.
        assertThat(attention(routed, 2, 2, 1, 1, 2)).isEqualTo(30 + 12 + 4);
    }

    @Test
    void averagesCountWhatATokenSeesOfItsWindow() {
        ModelConfig full = Configs.tiny(2).withArchitecture(Architecture.of(ModelFamily.QWEN3));
        double saved = Accounting.forwardFlopsPerToken(full, 32, List.of(1.0))
                - Accounting.forwardFlopsPerToken(windowed(full, List.of(1)), 32, List.of(1.0));

        // The keys of a sequence: 32 · 32 / 2 without a window, as the paper counts them, and 32 · 3 - 3 · 3 / 2 with
        // one.
        double keys = (32 * 32 / 2.0 - (32 * WINDOW - WINDOW * WINDOW / 2.0)) / 32;
        assertThat(saved).isCloseTo(4.0 * full.hiddenSize() * keys, within(1e-6));
    }
}
