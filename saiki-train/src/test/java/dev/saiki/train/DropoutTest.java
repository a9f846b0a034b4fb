package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs with dropout in training passes.
class DropoutTest {

    private static final String STANDS_STILL = "optimizer.learning_rate=1e-30";

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

    private RecordingListener run(String name, String routing, String... overrides) throws IOException {
        RecordingListener listener = new RecordingListener();
        new Trainer(TinyRun.recipe(TinyRun.routed(routing), dataset, overrides), folder.resolve(name), listener)
                .run(false);
        return listener;
    }

    /// With unchanged weights, dropout changes the training loss and leaves the validation loss as it is.
    @ParameterizedTest
    @ValueSource(strings = {"{type: none}", "{type: expert_choice}", "{type: token_choice}"})
    void trainingAloneLeavesNumbersOut(String routing) throws IOException {
        RecordingListener with = run("with", routing, STANDS_STILL, "model.dropout=0.3");
        RecordingListener without = run("without", routing, STANDS_STILL);
        assertThat(losses(with)).doesNotContainAnyElementsOf(losses(without));
        assertThat(with.validations).isNotEmpty().isEqualTo(without.validations);
    }

    private static List<Double> losses(RecordingListener listener) {
        return listener.steps.stream().map(StepReport::crossEntropyLoss).toList();
    }

    @Test
    void theNumberOfWorkersDoesNotMatter() throws IOException {
        run("one", "{type: expert_choice}", "model.dropout=0.3", "parallelism.workers=1");
        run("two", "{type: expert_choice}", "model.dropout=0.3", "parallelism.workers=2");
        assertThat(TinyRun.lastWeights(folder.resolve("two"))).isEqualTo(TinyRun.lastWeights(folder.resolve("one")));
    }

    @Test
    void theModelThatIsMadeSaysNothingOfItAndTheRecipeDoes() {
        Recipe recipe = TinyRun.recipe(TinyRun.VANILLA, dataset, "model.dropout=0.25", "model.vocab_size=300");
        assertThat(recipe.model().dropout()).isEqualTo(0.25);
        assertThat(recipe.model().config().toJson().has("dropout")).isFalse();
        assertThat(recipe.toYaml()).contains("dropout: 0.25");
        for (String wrong : Arrays.asList("1", "-0.1", "much")) {
            assertThatThrownBy(() -> TinyRun.recipe(TinyRun.VANILLA, dataset, "model.dropout=" + wrong))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("model.dropout must be a number from 0 to below 1, got");
        }
    }
}
