package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Warnings on routers that do not distinguish tokens, and on recursions that change nothing.
class RoutingWarningsTest {

    private static final String EXPERT = "{type: expert_choice, capacity: [1, 0.5, 0.25]}";
    private static final String THRESHOLD =
            "{type: expert_threshold, effort_grid: [0.5, 1.0], default_effort: 0.5, router_func: sigmoid}";
    private static final String TOKEN = "{type: token_choice, router_func: softmax}";

    @TempDir
    static Path shared;

    private static Path dataset = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void prepareData() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        dataset = TinyRun.prepareData(shared.resolve("data"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.50|0.25|0.25|",
                "0.30|0.60|0.10|",
                "0.94|0.03|0.03|",
                "0.96|0.02|0.02|sends 4.0 % of the held-out tokens in recursion step 0 to the next",
                "0.00|0.50|0.50|sends 100.0 % of the held-out tokens in recursion step 0 to the next",
                "0.50|0.49|0.01|sends 2.0 % of the held-out tokens in recursion step 1 to the next",
                "0.50|0.01|0.49|sends 98.0 % of the held-out tokens in recursion step 1 to the next",
                "1.00|0.00|0.00|sends 0.0 % of the held-out tokens in recursion step 0 to the next"
            })
    void aRouterThatTreatsNearlyAllTokensAlikeIsNamedOnce(double one, double two, double three, String words) {
        List<String> warnings = warnings(EXPERT, report(one, two, three));
        if (words == null) {
            assertThat(warnings).isEmpty();
        } else {
            assertThat(warnings)
                    .singleElement()
                    .asString()
                    .startsWith("step 40: the router ")
                    .contains(words)
                    .contains("the target is 50 %");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                EXPERT + "|objective.auxiliary_loss_coefficient",
                THRESHOLD + "|schedule.calibrate_tokens",
                TOKEN + "|objective.balancing loss_free"
            })
    void whatToTryDependsOnTheRouting(String routing, String remedy) {
        assertThat(warnings(routing, report(1, 0, 0)))
                .singleElement()
                .asString()
                .contains(remedy);
    }

    @Test
    void aRecursionWhoseGateHasClosedIsNamedUnlessItBeganClosed() {
        assertThat(ofGates(0.03, 1, 3))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("step 40: the gate of recursion step 1 is 0.030")
                .contains("optimizer.frozen: [model.step_gates]");
        assertThat(ofGates(0.03, 0, 3)).isEmpty();
        assertThat(ofGates(1, 1, 3)).isEmpty();
        assertThat(ofGates(0.03, 1, 2)).isEmpty();
    }

    /// Thresholds that no score reaches: every token stops after its first recursion.
    @Test
    void aRunSaysSoAtItsValidationsAndWritesTheSharesDown() throws IOException {
        RecordingListener listener = new RecordingListener();
        String never = "{type: expert_choice, capacity: [1, 0.5, 0.25], threshold: [0, 0.999, 0.999]}";
        Recipe recipe = TinyRun.recipe(TinyRun.routed(never), dataset);
        new Trainer(recipe, folder.resolve("run"), listener).run(false);
        assertThat(listener.warnings)
                .isNotEmpty()
                .allSatisfy(warning -> assertThat(warning).contains("the router sends 0.0 % of the held-out tokens"));
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(folder.resolve("run"));
        assertThat(lines.getLast())
                .containsEntry(MetricNames.VALIDATION_DEPTH_SHARE + 1, 1.0)
                .containsEntry(MetricNames.VALIDATION_DEPTH_SHARE + 3, 0.0);
        assertThat(lines.getLast().get(MetricNames.VALIDATION_MEAN_DEPTH)).isCloseTo(1.0, within(1e-9));
    }

    private static List<String> ofGates(double now, double first, int depth) {
        String yaml =
                TinyRun.RECURSIVE.replace("    num_recursions: 3\n", "    num_recursions: 3\n    step_gates: true\n");
        Recipe recipe = TinyRun.recipe(yaml, dataset, "model.vocab_size=300", "initialisation.step_gate=" + first);
        try (ModelWeights weights = ModelWeights.initialize(recipe.model().config(), 0, false, now)) {
            return RoutingWarnings.of(weights, report(0, 0, 1), recipe, depth);
        }
    }

    private static List<String> warnings(String routing, ValidationReport report) {
        Recipe recipe = TinyRun.recipe(TinyRun.routed(routing), dataset, "model.vocab_size=300");
        try (ModelWeights weights = ModelWeights.initialize(recipe.model().config(), 0, false)) {
            return RoutingWarnings.of(weights, report, recipe, 3);
        }
    }

    private static ValidationReport report(double one, double two, double three) {
        return new ValidationReport(
                40,
                4,
                0.1,
                2,
                one + 2 * two + 3 * three,
                List.of(one, two, three),
                Optional.empty(),
                Optional.empty(),
                8,
                true);
    }
}
