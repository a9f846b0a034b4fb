package dev.saiki.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterNamesTest {

    private static ModelConfig routed(Routing routing) {
        return Configs.recursive(Configs.tiny(8), ParameterSharing.MIDDLE_CYCLE, 3, routing, KeyValueSharing.NONE);
    }

    @Test
    void vanillaHasTheNamesOfLlama() {
        ModelConfig config = Configs.tiny(1);

        assertThat(ParameterNames.parameters(config))
                .containsExactly(
                        Map.entry("model.embed_tokens.weight", List.of(11L, 8L)),
                        Map.entry("model.layers.0.self_attn.q_proj.weight", List.of(8L, 8L)),
                        Map.entry("model.layers.0.self_attn.k_proj.weight", List.of(4L, 8L)),
                        Map.entry("model.layers.0.self_attn.v_proj.weight", List.of(4L, 8L)),
                        Map.entry("model.layers.0.self_attn.o_proj.weight", List.of(8L, 8L)),
                        Map.entry("model.layers.0.mlp.gate_proj.weight", List.of(12L, 8L)),
                        Map.entry("model.layers.0.mlp.up_proj.weight", List.of(12L, 8L)),
                        Map.entry("model.layers.0.mlp.down_proj.weight", List.of(8L, 12L)),
                        Map.entry("model.layers.0.input_layernorm.weight", List.of(8L)),
                        Map.entry("model.layers.0.post_attention_layernorm.weight", List.of(8L)),
                        Map.entry("model.norm.weight", List.of(8L)),
                        Map.entry("lm_head.weight", List.of(11L, 8L)));
        assertThat(ParameterNames.buffers(config)).isEmpty();
        assertThat(ParameterNames.auxiliaryRouters(config)).isEmpty();
    }

    @Test
    void tiedHeadIsNotStored() {
        assertThat(ParameterNames.parameters(Configs.shape("135M", 2))).doesNotContainKey("lm_head.weight");
    }

    @Test
    void sharedLayersAreStoredOnce() {
        ModelConfig config = Configs.fixedDepth(Configs.tiny(8), 3);

        assertThat(ParameterNames.parameters(config).keySet())
                .filteredOn(name -> name.endsWith("q_proj.weight"))
                .hasSize(4)
                .last()
                .isEqualTo("model.layers.3.self_attn.q_proj.weight");
    }

    @Test
    void expertKindsHaveOneRouterAStep() {
        assertThat(ParameterNames.parameters(routed(Configs.expertChoice(3))))
                .containsEntry("model.routers.0.weight", List.of(1L, 8L))
                .containsEntry("model.routers.2.weight", List.of(1L, 8L))
                .doesNotContainKey("model.routers.3.weight")
                .doesNotContainKey("model.auxiliary_routers.0.weight");
        assertThat(ParameterNames.parameters(routed(Configs.expertChoice(3, RouterType.MLP, CausalBy.ROUTER))))
                .containsEntry("model.routers.1.0.weight", List.of(16L, 8L))
                .containsEntry("model.routers.1.2.weight", List.of(1L, 16L))
                .doesNotContainKey("model.routers.1.weight");
        assertThat(ParameterNames.parameters(routed(Configs.expertChoice(3, RouterType.WIDE_MLP, CausalBy.ROUTER))))
                .containsEntry("model.routers.2.0.weight", List.of(32L, 8L))
                .containsEntry("model.routers.2.2.weight", List.of(1L, 32L));
        assertThat(ParameterNames.parameters(routed(Configs.expertChoice(3, RouterType.POSITION, CausalBy.ROUTER))))
                .containsEntry("model.routers.1.weight", List.of(1L, 8L));
        assertThat(ParameterNames.parameters(routed(Configs.expertThreshold(1))))
                .containsEntry("model.routers.2.weight", List.of(1L, 8L));
    }

    @Test
    void tokenChoiceHasOneRouter() {
        assertThat(ParameterNames.parameters(routed(Configs.tokenChoice(RouterType.LINEAR))))
                .containsEntry("model.router.weight", List.of(3L, 8L));
        assertThat(ParameterNames.parameters(routed(Configs.tokenChoice(RouterType.MLP))))
                .containsEntry("model.router.0.weight", List.of(16L, 8L))
                .containsEntry("model.router.2.weight", List.of(3L, 16L));
    }

    @Test
    void randomRoutingHasNoRouter() {
        ModelConfig config = routed(new Routing.Random(0.1, Gating.WEIGHTED, Capacities.balanced(3)));

        assertThat(ParameterNames.allowed(config).keySet()).noneMatch(ParameterNames::belongsToRouter);
    }

    @Test
    void auxiliaryRoutersAreRequiredOnlyWhenTheyDecide() {
        ModelConfig byRouter = routed(Configs.expertChoice(3));
        ModelConfig byAuxiliary = routed(Configs.expertChoice(3, RouterType.MLP, CausalBy.AUXILIARY_ROUTER));

        assertThat(ParameterNames.allowed(byRouter)).containsKey("model.auxiliary_routers.2.weight");
        assertThat(ParameterNames.required(byRouter)).doesNotContainKey("model.auxiliary_routers.2.weight");
        assertThat(ParameterNames.required(byAuxiliary))
                .containsEntry("model.auxiliary_routers.2.0.weight", List.of(16L, 8L))
                .containsEntry("model.auxiliary_routers.2.2.weight", List.of(1L, 16L));
    }

    @Test
    void buffersFollowTheRouting() {
        ModelConfig token = routed(Configs.tokenChoice(RouterType.LINEAR));
        ModelConfig threshold = routed(Configs.expertThreshold(1));

        assertThat(ParameterNames.buffers(token)).containsExactly(Map.entry("model.router.expert_bias", List.of(3L)));
        assertThat(ParameterNames.required(token)).doesNotContainKey("model.router.expert_bias");
        assertThat(ParameterNames.buffers(threshold))
                .containsExactly(Map.entry("model.router_thresholds", List.of(3L, 4L)));
        assertThat(ParameterNames.required(threshold)).containsKey("model.router_thresholds");
    }
}
