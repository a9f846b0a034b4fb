package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.Functional;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorObservation;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.train.recipe.Recipe;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The number of operators in the forward and backward pass of a micro-batch, counted on LibTorch's device `meta`.
///
/// A GPU waits while small operators are launched, whatever they compute. Widths do not change the number, so the
/// models here are narrow; their layers, their vocabulary, and the micro-batch of 16 sequences of 2,048 tokens are
/// those of the recipes. Norms and attention have one kernel on a GPU and one in the backward pass, which `meta`
/// lacks; what stands in for them is counted as one.
@EnabledOnOs(architectures = {"amd64", "x86_64"})
class LaunchBudgetTest {

    private static final List<String> NARROW =
            List.of("model.hidden_size=60", "model.intermediate_size=64", "model.head_dim=4", "data.dataset=none");

    @ParameterizedTest
    @CsvSource({
        "360m-vanilla, none, 2400",
        "360m-recursive3, none, 2400",
        "360m-mor3-expert, none, 2600",
        "360m-mor3-expert, recursive, 2600",
        "360m-mor3-token, none, 2800"
    })
    void aMicroBatchKeepsWithinItsBudget(String name, String sharing, long budget) {
        Recipe recipe = Recipe.builtIn(
                name,
                Stream.concat(NARROW.stream(), Stream.of("model.kv_sharing=" + sharing))
                        .toList());
        int layers = recipe.model().shape().layerMap().numUnrolled();
        long standIns = (2L * layers + 1) * beyondOne(LaunchBudgetTest::normalised)
                + layers * beyondOne(LaunchBudgetTest::attended);
        SplittableRandom random = new SplittableRandom(11);
        try (ModelWeights weights = Golden.onto(
                        Device.META, ModelWeights.initialize(recipe.model().shape(), 1, recipe.hasAuxiliaryRouters()));
                TensorObservation _ = TensorObservation.start(
                        (place, count) -> random.doubles(count, place.startsWith("ExpertChoice") ? -1 : 0.01, 1)
                                .toArray());
                TrainStep step = TrainStep.builder(weights, TrainStepSettings.of(recipe, ProcessGroup.single()))
                        .build();
                OperatorCount count = new OperatorCount()) {
            step.computeGradients(StepRows.of(List.<int[][]>of(rows(recipe))), new StepContext(1, 1e-3, 1));
            assertThat(count.total() - standIns)
                    .describedAs("operators of " + name + ": " + count.byName())
                    .isBetween(2_000L, budget);
        }
    }

    /// The counter sees the operators of both passes, and neither views nor operators that only call others.
    @Test
    void aProductHasOneOperatorForwardsAndTwoBackwards() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor input = leaf(4, 3);
            Tensor weight = leaf(5, 3);
            try (OperatorCount count = new OperatorCount()) {
                Tensor output = Functional.linear(input.reshape(2, 2, 3), weight);
                assertThat(count.byName()).isEqualTo(Map.of("aten::mm", 1L));
                Autograd.backward(output, output);
                assertThat(count.byName()).isEqualTo(Map.of("aten::mm", 3L));
            }
        }
    }

    private static Tensor normalised(Tensor rows) {
        return Functional.rmsNorm(rows, leaf(rows.size(-1)), 1e-5);
    }

    private static Tensor attended(Tensor queries) {
        return Functional.fusedCausalAttention(queries, leaf(1, 5, 6, 4), leaf(1, 5, 6, 4));
    }

    private static Tensor leaf(long... shape) {
        return Autograd.leaf(Tensors.on(Device.META).zeros(DType.BFLOAT16, shape));
    }

    /// The number of operators of a stand-in and its backward pass that exceed one each.
    private static long beyondOne(UnaryOperator<Tensor> standIn) {
        return operators(standIn, 2) - operators(standIn, 1) - 2;
    }

    private static long operators(UnaryOperator<Tensor> standIn, int times) {
        try (TensorScope _ = TensorScope.open();
                OperatorCount count = new OperatorCount()) {
            Tensor state = leaf(1, 15, 6, 4);
            for (int i = 0; i < times; i++) {
                state = standIn.apply(state);
            }
            Autograd.backward(state, state);
            return count.total();
        }
    }

    private static int[][] rows(Recipe recipe) {
        SplittableRandom random = new SplittableRandom(3);
        int[][] rows = new int[recipe.batch().microBatchSequences()][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = random.ints(
                            recipe.batch().sequenceLength() + 1L,
                            0,
                            recipe.model().shape().vocabSize())
                    .toArray();
        }
        return rows;
    }
}
