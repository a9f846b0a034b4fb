package dev.saiki.model;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.routing.RandomScores;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows of which only a part is learned.
class TrainingRowsTest {

    private static final int[] ROW = {3, 7, 1, 9, 4, 2, 8, 6, 5, 3};

    static List<ModelConfig> models() {
        return List.of(
                TinyModels.vanilla(),
                TinyModels.recursive(),
                TinyModels.tokenChoice(KeyValueSharing.NONE),
                TinyModels.expertThreshold(KeyValueSharing.NONE));
    }

    private static boolean[] learnt(int... positions) {
        boolean[] marks = new boolean[ROW.length];
        IntStream.of(positions).forEach(position -> marks[position] = true);
        return marks;
    }

    /// The loss, and the gradient of all weights.
    @SuppressWarnings("ArrayRecordComponent") // Compared by its parts.
    private record Pass(double loss, float[] gradient) {}

    private static Pass pass(ModelConfig config, TrainingRows rows, boolean atFullDepth) {
        TrainingObjective objective = new TrainingObjective(
                0,
                0,
                0,
                TrainingObjective.Supervision.NONE,
                TrainingObjective.Balancing.NONE,
                0,
                0,
                0,
                0,
                Optional.of(new FullDepth(0.5, FullDepth.Prior.UNIFORM, Optional.empty(), Optional.empty()))
                        .filter(_ -> atFullDepth));
        try (ModelWeights weights = ModelWeights.initialize(config, 3, false);
                ComputeWeights compute = new ComputeWeights(weights, Precision.FLOAT32);
                RecursiveTransformer model = new RecursiveTransformer(compute, RecursiveTransformer.Activations.KEEP);
                TensorScope _ = TensorScope.open()) {
            TrainingPass pass = new TrainingPass(model, objective, 1, 1, atFullDepth ? 1 : 0);
            TrainingPass.Report report = atFullDepth
                    ? pass.runAtFullDepth(rows, RandomScores.causal(), config.numRecursions(), 1)
                    : pass.run(rows, request(config), RandomScores.causal());
            Tensor total = Tensors.zeros(DType.FLOAT32, weights.count());
            model.addGradientsTo(total);
            return new Pass(report.minimisedSum(), total.toFloats());
        }
    }

    private static RoutingRequest request(ModelConfig config) {
        return config.routing() instanceof Routing.ExpertThreshold
                ? RoutingRequest.trainingAtEffort(0.5)
                : RoutingRequest.training(List.of(), RandomScores.causal(), false);
    }

    /// Without routers' losses, the parts of a row add up to the whole row.
    @ParameterizedTest
    @MethodSource("models")
    void whatIsLearntOfTwoPartsAddsUp(ModelConfig config) {
        Pass one = pass(config, TrainingRows.of(ROW, learnt(2, 3, 9)), false);
        Pass other = pass(config, TrainingRows.of(ROW, learnt(1, 4, 5, 6, 7, 8)), false);
        Pass whole = pass(config, TrainingRows.of(new int[][] {ROW}), false);
        assertThat(one.loss() + other.loss()).isCloseTo(whole.loss(), within(1e-5));
        float[] sum = new float[one.gradient().length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = one.gradient()[i] + other.gradient()[i];
        }
        assertClose("the gradient", sum, whole.gradient(), 1e-4);
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTargetOfWeightThreeCountsAsThreeTargets(ModelConfig config) {
        int[] weights = new int[ROW.length];
        Arrays.setAll(weights, i -> i == 3 || i == 4 ? 3 : 1);
        TrainingRows rows = new TrainingRows(new int[][] {ROW}, Optional.of(new int[][] {weights}));
        Pass weighted = pass(config, rows, false);
        Pass whole = pass(config, TrainingRows.of(new int[][] {ROW}), false);
        Pass part = pass(config, TrainingRows.of(ROW, learnt(3, 4)), false);
        assertThat(rows.numTargets()).isEqualTo(ROW.length - 1 + 4);
        assertThat(weighted.loss()).isCloseTo(whole.loss() + 2 * part.loss(), within(1e-5));
        float[] sum = new float[whole.gradient().length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = whole.gradient()[i] + 2 * part.gradient()[i];
        }
        assertClose("the gradient", sum, weighted.gradient(), 1e-4);
    }

    /// The tokens after the answer: the user's next turn, and a row's last token, which is only a target.
    @ParameterizedTest
    @MethodSource("models")
    void tokensBehindTheAnswerAreWithoutInfluenceToTheLastBit(ModelConfig config) {
        int[] moved = ROW.clone();
        moved[9] = 11;
        Pass before = pass(config, TrainingRows.of(ROW, learnt(3, 4)), false);
        Pass after = pass(config, TrainingRows.of(moved, learnt(3, 4)), false);
        assertThat(after.loss()).isEqualTo(before.loss());
        assertThat(after.gradient()).isEqualTo(before.gradient());
        assertThat(pass(config, TrainingRows.of(moved, learnt(3, 9)), false).loss())
                .isNotEqualTo(
                        pass(config, TrainingRows.of(ROW, learnt(3, 9)), false).loss());
    }

    @Test
    void theSameHoldsAtFullDepth() {
        ModelConfig config = TinyModels.stepGated(TinyModels.expertThreshold(KeyValueSharing.NONE));
        Pass one = pass(config, TrainingRows.of(ROW, learnt(2, 3, 9)), true);
        Pass other = pass(config, TrainingRows.of(ROW, learnt(1, 4, 5, 6, 7, 8)), true);
        Pass whole = pass(config, TrainingRows.of(new int[][] {ROW}), true);
        assertThat(one.loss() + other.loss()).isCloseTo(whole.loss(), within(1e-5));
        int[] moved = ROW.clone();
        moved[9] = 11;
        Pass after = pass(config, TrainingRows.of(moved, learnt(3, 4)), true);
        Pass before = pass(config, TrainingRows.of(ROW, learnt(3, 4)), true);
        assertThat(after.gradient()).isEqualTo(before.gradient());
    }
}
