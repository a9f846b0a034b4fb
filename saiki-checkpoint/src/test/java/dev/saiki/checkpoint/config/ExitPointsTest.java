package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The points at which tokens may exit a model.
class ExitPointsTest {

    @Test
    void vanillaTokensLeaveAfterEveryLayerButTheLast() {
        assertThat(ExitPoints.of(Configs.tiny(5), 1, false).afterLayers()).containsExactly(1, 2, 3, 4);
        assertThat(ExitPoints.of(Configs.tiny(5), 2, false).afterLayers()).containsExactly(2, 4);
    }

    @Test
    void recursiveTokensLeaveAfterARecursion() {
        assertThat(of(ParameterSharing.CYCLE, 6, 1, false).afterLayers()).containsExactly(2, 4);
        // No check is needed before the last layer, since every token passes that layer.
        assertThat(of(ParameterSharing.MIDDLE_CYCLE, 8, 1, false).afterLayers()).containsExactly(3, 5);
        assertThat(of(ParameterSharing.MIDDLE_CYCLE, 8, 2, false).afterLayers()).containsExactly(5);
        assertThat(of(ParameterSharing.MIDDLE_CYCLE, 8, 1, true).afterLayers()).containsExactly(3, 5, 7);
    }

    @Test
    void everyonePassesAllLastLayersOrSkipsThem() {
        ModelConfig config = Configs.tiny(12)
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 2, 4)),
                        new Routing.None(),
                        KeyValueSharing.NONE);
        ExitPoints through = ExitPoints.of(config, 1, false);
        ExitPoints skipping = ExitPoints.of(config, 1, true);

        assertThat(through.afterLayers()).containsExactly(4, 6);
        assertThat(through.layersForEveryone()).isEqualTo(4);
        assertThat(through.layersPassed(4, 12)).isEqualTo(8);
        assertThat(through.layersPassed(12, 12)).isEqualTo(12);
        assertThat(through.isForEveryone(7, 12)).isFalse();
        assertThat(through.isForEveryone(8, 12)).isTrue();
        assertThat(skipping.afterLayers()).containsExactly(4, 6, 8);
        assertThat(skipping.layersPassed(8, 12)).isEqualTo(8);
        assertThat(skipping.throughLastLayer()).isFalse();
    }

    @Test
    void layersThatAreRepeatedInPlaceAreNotLeftBetweenTheirUses() {
        assertThat(of(ParameterSharing.SEQUENCE, 6, 1, false).afterLayers()).containsExactly(3);
        assertThat(of(ParameterSharing.MIDDLE_SEQUENCE, 8, 1, false).afterLayers())
                .containsExactly(4);
        assertThat(of(ParameterSharing.MIDDLE_SEQUENCE, 8, 1, true).afterLayers())
                .containsExactly(4, 7);
    }

    @Test
    void whatHasNoPlaceIsRefused() {
        assertThatThrownBy(() -> ExitPoints.of(Configs.mixture(Configs.tiny(8), 3, KeyValueSharing.NONE), 1, false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("every token takes every layer")
                .hasMessageContaining("expert_choice");
        ModelConfig gated = Configs.tiny(8)
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3).withStepGates()),
                        new Routing.None(),
                        KeyValueSharing.NONE);
        assertThatThrownBy(() -> ExitPoints.of(gated, 1, false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.step_gates");
        assertThatThrownBy(() -> ExitPoints.of(Configs.tiny(3), 3, false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("after every 3 layers");
        assertThatThrownBy(() -> ExitPoints.of(Configs.tiny(3), 0, false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from 1 to 4096, got 0");
    }

    private static ExitPoints of(ParameterSharing sharing, int layers, int every, boolean skipLastLayer) {
        ModelConfig config =
                Configs.recursive(Configs.tiny(layers), sharing, 3, new Routing.None(), KeyValueSharing.NONE);
        return ExitPoints.of(config, every, skipLastLayer);
    }
}
