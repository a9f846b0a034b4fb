package dev.saiki.checkpoint.accounting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.Configs;
import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Routing;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Compares the cost of early exits with counts by hand. The tiny model has hidden size 8, two query heads of
/// width 4, one key-value head, intermediate size 12 and a vocabulary of 11.
class EarlyExitCostTest {

    /// Query and output 8 · 8 each, keys and values 8 · 4 each, three of 8 · 12.
    private static final long LAYER = 2 * (64 + 64 + 32 + 32 + 3 * 96);

    private static final long KEYS_AND_VALUES = 2 * (32 + 32);
    private static final long HEAD = 2 * 8 * 11;

    /// Two for the score and two for the weighted sum, of 8 numbers.
    private static final long KEY_SEEN = 4 * 8;

    @Test
    void threeTokensThatLeaveAtUnlikeLayersAreCountedByHand() {
        ModelConfig config = Configs.tiny(3);
        EarlyExitCost cost = EarlyExitCost.of(config, ExitPoints.of(config, 1, false), new int[] {1, 3, 2}, 2);

        assertThat(cost.layersPassed()).isEqualTo(6);
        assertThat(cost.layerFlops()).isEqualTo(6 * LAYER);
        // The first token sees itself once, the second two keys three times, the third three keys twice.
        assertThat(cost.attentionFlops()).isEqualTo((1 + 3 * 2 + 2 * 3) * KEY_SEEN);
        assertThat(cost.copiedFlops()).isEqualTo((2 + 1) * KEYS_AND_VALUES);
        assertThat(cost.headFlops()).isEqualTo(2 * HEAD);
        // The second is asked after one and after two layers, and does not leave.
        assertThat(cost.checks()).isEqualTo(1 + 2 + 2);
        assertThat(cost.flops()).isEqualTo(6 * LAYER + 13 * KEY_SEEN + 3 * KEYS_AND_VALUES + 2 * HEAD);
        // The third is predicted from and left: its last check is its prediction. The first is not predicted from.
        assertThat(cost.flopsWithHeadChecks() - cost.flops()).isEqualTo(4 * HEAD);
        assertThat(cost.flopsWithStateChecks() - cost.flops()).isEqualTo(5 * 6 * 8);
    }

    @Test
    void whenNobodyLeavesItCostsWhatTheModelCosts() {
        for (KeyValueSharing keys : new KeyValueSharing[] {KeyValueSharing.NONE, KeyValueSharing.RECURSIVE}) {
            for (ParameterSharing sharing : ParameterSharing.values()) {
                int layers = sharing.name().startsWith("MIDDLE") ? 8 : 6;
                ModelConfig config = Configs.recursive(Configs.tiny(layers), sharing, 3, new Routing.None(), keys);
                int[] leftAfter = new int[9];
                Arrays.fill(leftAfter, layers);
                int[] depths = new int[9];
                Arrays.fill(depths, 3);

                EarlyExitCost cost = EarlyExitCost.of(config, ExitPoints.of(config, 1, false), leftAfter, 4);

                assertThat(cost.flops())
                        .isEqualTo(SequenceCost.of(config, depths, 3, 4).flops());
                assertThat(cost.answered()).isZero();
            }
        }
    }

    @Test
    void keysThatAreSharedAreNotMadeAgainForTokensThatLeft() {
        ModelConfig config = Configs.recursive(
                Configs.tiny(8), ParameterSharing.MIDDLE_CYCLE, 3, new Routing.None(), KeyValueSharing.RECURSIVE);

        // After one recursion of two layers, four shared ones and the last are skipped; only that has keys of its own.
        assertThat(EarlyExitCost.of(config, ExitPoints.of(config, 1, true), new int[] {3}, 1)
                        .copiedFlops())
                .isEqualTo(KEYS_AND_VALUES);
        EarlyExitCost through = EarlyExitCost.of(config, ExitPoints.of(config, 1, false), new int[] {3}, 1);
        assertThat(through.copiedFlops()).isZero();
        assertThat(through.layersPassed()).isEqualTo(4);
        // Its prediction comes after the last layer, so no check has made it.
        assertThat(through.flopsWithHeadChecks() - through.flops()).isEqualTo(HEAD);
    }
}
