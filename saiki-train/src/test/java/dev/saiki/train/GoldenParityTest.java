package dev.saiki.train;

import static dev.saiki.testkit.NativeAssertions.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// Compares the model with an independent implementation in PyTorch; see `golden/README.md`.
class GoldenParityTest {

    private static final double TOLERANCE = 1e-4;

    static List<String> variants() throws IOException {
        return Golden.variants();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void logitsAndLossesAndEveryGradientAndFiveStepsEqualPyTorch(String name) throws IOException {
        try (Golden golden = new Golden(name);
                ModelWeights weights = Golden.onto(Golden.device(), golden.weights());
                Lent lent = new Lent(golden.teaching(Golden.device()));
                TrainStep step = TrainStep.builder(weights, golden.settings())
                        .teaching(lent.teaching())
                        .draws(golden.draws())
                        .build()) {
            assertLosses(golden, 0, step.computeGradients(golden.rows(), golden.context(0)));
            try (TensorScope _ = TensorScope.open()) {
                for (Map.Entry<String, Tensor> entry : step.gradients().entrySet()) {
                    assertClose(
                            "gradient of " + entry.getKey(),
                            entry.getValue().toFloats(),
                            golden.floats("gradients/" + entry.getKey()),
                            TOLERANCE);
                }
            }
            for (int i = 0; i < 5; i++) {
                StepResult result = step.run(golden.rows(), golden.context(i), TrainStep.Attempt::taken)
                        .result();
                assertLosses(golden, i, result);
                assertRelative(
                        "gradient norm", result.gradNorm(), golden.step(i).get("gradient_norm"));
            }
            for (String tensor : golden.names("after5/")) {
                assertClose(
                        "after five steps " + tensor,
                        golden.current(weights, tensor),
                        golden.floats("after5/" + tensor),
                        TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void evaluationEqualsPyTorch(String name) throws IOException {
        try (Golden golden = new Golden(name);
                ModelWeights weights = Golden.onto(Golden.device(), golden.weights());
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            for (String evaluation : golden.evaluations()) {
                RoutingRequest.Rule rule =
                        evaluation.startsWith("top_k") ? RoutingRequest.Rule.TOP_K : RoutingRequest.Rule.CAUSAL;
                int depth = (int) setting(evaluation, "max_depth_", RoutingRequest.UNBOUNDED);
                double effort = setting(evaluation, "effort_", Double.NaN);
                List<ScoredSequence> scored = scorer.score(golden.inputs(), new ScoreOptions(rule, depth, effort));
                assertScores(evaluation, scored, golden);
            }
        }
    }

    /// A number in the name of an evaluation, such as `causal/max_depth_2`.
    private static double setting(String evaluation, String key, double otherwise) {
        int start = evaluation.lastIndexOf(key);
        return start < 0 ? otherwise : Double.parseDouble(evaluation.substring(start + key.length()));
    }

    private static void assertScores(String evaluation, List<ScoredSequence> scored, Golden golden) {
        float[] logprobs = golden.floats(evaluation + "/logprobs");
        long[] depths = golden.longs(evaluation + "/depths");
        int time = scored.getFirst().depths().length;
        for (int b = 0; b < scored.size(); b++) {
            for (int t = 0; t < time; t++) {
                String where = evaluation + " sequence " + b + " position " + t;
                assertThat((long) scored.get(b).depths()[t])
                        .describedAs(where + " depth")
                        .isEqualTo(depths[b * time + t]);
                if (t > 0) {
                    assertThat(scored.get(b).logprobs()[t])
                            .describedAs(where + " logprob")
                            .isCloseTo(logprobs[b * time + t], within(2e-4f));
                }
            }
        }
    }

    private static void assertLosses(Golden golden, int index, StepResult result) {
        JsonNode loss = golden.step(index).get("loss");
        assertRelative("total", result.totalLoss(), loss.get("total"));
        assertRelative("cross entropy", result.crossEntropyLoss(), loss.get("cross_entropy"));
        assertRelative("auxiliary", result.ofRouter().auxiliary(), loss.get("auxiliary"));
        assertRelative("router z", result.ofRouter().routerZ(), loss.get("router_z"));
        assertRelative("balancing", result.ofRouter().balancing(), loss.get("balancing"));
        assertRelative("auxiliary router", result.ofRouter().auxiliaryRouter(), loss.get("auxiliary_router"));
        assertRelative("teacher", result.teacherLoss(), loss.get("teacher"));
        assertThat(Double.isNaN(result.teacherLoss())).describedAs("no teacher").isEqualTo(!loss.has("teacher"));
        result.fullDepth().ifPresent(measured -> {
            List<Double> losses = measured.crossEntropyLosses();
            for (int depth = 1; depth <= losses.size(); depth++) {
                JsonNode expected = loss.get("loss_at_depth_" + depth);
                assertRelative("loss at depth " + depth, losses.get(depth - 1), expected);
                assertThat(Double.isNaN(losses.get(depth - 1)))
                        .describedAs("no loss at depth " + depth)
                        .isEqualTo(expected == null);
            }
            assertRelative("distillation", measured.distillationLoss(), loss.get("distillation"));
            assertThat(Double.isNaN(measured.distillationLoss()))
                    .describedAs("no distillation")
                    .isEqualTo(!loss.has("distillation"));
            assertRelative("router gain", measured.routerGainLoss(), loss.get("router_gain"));
            assertThat(Double.isNaN(measured.routerGainLoss()))
                    .describedAs("no router gain")
                    .isEqualTo(!loss.has("router_gain"));
            assertRelative("rejected gain", measured.rejectedGainLoss(), loss.get("rejected_gain"));
            assertThat(Double.isNaN(measured.rejectedGainLoss()))
                    .describedAs("no rejected gain")
                    .isEqualTo(!loss.has("rejected_gain"));
        });
    }

    private static void assertRelative(String what, double actual, JsonNode expected) {
        if (expected == null || expected.isNull()) {
            return;
        }
        double value = Double.parseDouble(expected.asString());
        assertThat(actual).describedAs(what).isCloseTo(value, within(TOLERANCE * Math.abs(value)));
    }

    /// A teacher that is closed after one step.
    private record Lent(Optional<TrainStep.Teaching> teaching) implements AutoCloseable {
        @Override
        public void close() {
            teaching.ifPresent(given -> given.teacher().close());
        }
    }
}
