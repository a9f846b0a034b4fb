package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.model.ComputeWeights;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.RecursiveTransformer.Activations;
import dev.saiki.model.TrainedParameters;
import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.model.routing.RoutingResult;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorException;
import dev.saiki.tensor.TensorObservation;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whole training steps on LibTorch's device `meta`, which shows without a GPU that all tensors of a step are
/// on one device.
///
/// Every tensor that a step creates is observed, so a tensor on the CPU is found whatever operation uses it.
/// Values cannot be read from this device; the losses, norms and scores that a step reads back are invented,
/// and the scores determine the depths of the tokens. Operators without a kernel for this device have
/// substitutes, which a test of saiki-tensor lists.
class PlacementTest {

    private static final int TIME = 12;

    static List<String> variants() throws IOException {
        return Golden.variants();
    }

    /// Invented values for read-backs: scores of either sign, and losses and norms above 0.
    private static TensorObservation observe() {
        SplittableRandom random = new SplittableRandom(11);
        return TensorObservation.start((place, count) -> {
            double least = place.startsWith("ExpertChoice") ? -1 : 0.01;
            return random.doubles(count, least, 1).toArray();
        });
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyTensorOfAStepIsOnTheModelsDevice(String name) throws IOException {
        try (Golden golden = new Golden(name)) {
            train(golden, golden.settings());
            train(golden, golden.settings(Precision.BFLOAT16, Activations.KEEP, 0));
            train(golden, golden.settings(Precision.FLOAT32, Activations.RECOMPUTE, 0.1));
        }
    }

    private static void train(Golden golden, TrainStepSettings settings) {
        Optional<TrainStep.Teaching> teaching = golden.teaching(Device.META);
        try (ModelWeights weights = Golden.onto(Device.META, golden.weights());
                TensorObservation observed = observe()) {
            assertThat(weights.flat().device()).isEqualTo(Device.META);
            try (TrainStep step = TrainStep.builder(weights, settings)
                            .teaching(teaching)
                            .draws(golden.draws())
                            .build();
                    TensorScope _ = TensorScope.open()) {
                for (int i = 0; i < 2; i++) {
                    step.run(golden.rows(), golden.context(i), TrainStep.Attempt::taken);
                }
                assertThat(step.gradients().values())
                        .allMatch(gradient -> gradient.device().equals(Device.META));
            }
            assertAllOnMeta(observed);
        } finally {
            teaching.ifPresent(lent -> lent.teacher().close());
        }
    }

    private static void assertAllOnMeta(TensorObservation observed) {
        assertThat(observed.madeOn(Device.META)).isNotEmpty();
        assertThat(observed.madeOn(Device.CPU))
                .describedAs("tensors that were made on the CPU, by place")
                .isEmpty();
    }

    @Test
    void anAdaptersStepIsOnOneDevice() {
        AdapterConfig adapter =
                new AdapterConfig(2, 4, List.of("model.layers.0.self_attn.q_proj", "model.layers.1.mlp.gate_proj"));
        ModelWeights fresh = ModelWeights.initialize(TinyModels.recursive(), 1, false, 1, Optional.of(adapter));
        try (ModelWeights weights = Golden.onto(Device.META, fresh);
                TensorObservation observed = observe()) {
            Set<String> own = Set.copyOf(weights.parameters().keySet().stream()
                    .filter(name -> name.contains("lora_"))
                    .toList());
            assertThat(own).isNotEmpty();
            for (Activations activations : Activations.values()) {
                try (TrainStep step = TrainStep.builder(weights, ReadBacksTest.settings(activations))
                        .trained(TrainedParameters.of(weights, own))
                        .build()) {
                    step.run(List.<int[][]>of(rows()), new StepContext(1, 1e-3, 1));
                }
            }
            assertAllOnMeta(observed);
        }
    }

    /// Tensors on the wrong device are detected: ids, a mask, and a tensor that only Java code passes on.
    @Test
    void aTensorOnTheCpuIsAnError() {
        ModelConfig config = TinyModels.expertChoice(KeyValueSharing.HYBRID);
        try (ModelWeights weights = Golden.onto(Device.META, ModelWeights.initialize(config, 1, false));
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, Activations.KEEP);
                TensorObservation observed = observe();
                TensorScope _ = TensorScope.open()) {
            RoutingRequest request = RoutingRequest.training(List.of(), RandomScores.causal(), false);
            Tensor ids = Tensors.of(new long[TIME], TIME);
            assertThatThrownBy(() -> model.forward(ids, 1, TIME, request))
                    .isInstanceOf(TensorException.class)
                    .hasMessageContaining("meta and cpu");
            assertThat(observed.madeOn(Device.CPU)).containsOnlyKeys("PlacementTest.aTensorOnTheCpuIsAnError");
        }
    }

    @Test
    void aMaskOnTheCpuIsAnError() {
        try (TensorObservation observed = observe();
                TensorScope _ = TensorScope.open();
                ActiveTokens onCpu = ActiveTokens.all(Device.CPU, 1, TIME)) {
            Tensor heads = Tensors.on(Device.META).zeros(DType.FLOAT32, 1, 2, TIME, 8);
            Tensor mask = onCpu.ownKeysWithin(4, heads.dtype());
            assertThatThrownBy(() -> Functional.fusedMaskedAttention(heads, heads, heads, mask))
                    .isInstanceOf(TensorException.class)
                    .hasMessageContaining("meta and cpu");
            assertThat(observed.madeOn(Device.CPU)).containsKey("ActiveTokens.ownKeysWithin");
        }
    }

    static Stream<ModelConfig> sharings() {
        return Stream.of(KeyValueSharing.values()).map(TinyModels::expertChoice);
    }

    /// The invented scores route tokens: some tokens exit, and the index tensors of those that continue are
    /// created.
    @ParameterizedTest
    @MethodSource("sharings")
    void tokensTakeUnlikeDepthsOnADeviceWithoutValues(ModelConfig config) {
        try (ModelWeights weights = Golden.onto(Device.META, ModelWeights.initialize(config, 1, false));
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, Activations.KEEP);
                TensorObservation _ = observe();
                TensorScope _ = TensorScope.open()) {
            RoutingRequest request = RoutingRequest.evaluation(RoutingRequest.Rule.CAUSAL, 3, Double.NaN);
            Tensor ids = Tensors.on(Device.META).of(new long[2 * TIME], 2L * TIME);
            RoutingResult output = model.forward(ids, 2, TIME, request);
            assertThat(output.depths().of(0)).contains(1, 2);
            assertThat(output.depths().of(0)).isNotEqualTo(output.depths().of(1));
            assertThat(output.hidden().shape()).containsExactly(2L * TIME, config.hiddenSize());
        }
    }

    private static int[][] rows() {
        return new int[][] {
            new SplittableRandom(3).ints(TIME + 1L, 0, TinyModels.VOCABULARY).toArray()
        };
    }
}
