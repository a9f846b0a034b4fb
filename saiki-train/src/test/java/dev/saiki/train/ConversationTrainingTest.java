package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.RecursiveTransformer;
import dev.saiki.model.TrainingObjective;
import dev.saiki.model.TrainingRows;
import dev.saiki.tensor.AdamW;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that train a model on conversations.
class ConversationTrainingTest {

    private static final String STEPS = "schedule: {steps: 12, warmup_steps: 2}\noptimizer: {learning_rate: 0.01}\n";

    @TempDir
    static Path shared;

    private static Path base = Path.of("");
    private static Path chats = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainBase() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        base = TinyRun.trainBase(shared);
        chats = TinyRun.writeConversations(shared.resolve("chats.jsonl"));
    }

    private static Recipe recipe(String more, String... overrides) {
        List<String> all = new ArrayList<>(List.of("initialisation.from=" + base));
        all.addAll(List.of(overrides));
        return Recipe.parse(TinyRun.TAUGHT.formatted(chats) + STEPS + more, all);
    }

    @Test
    void aModelLearnsToAnswer() throws IOException {
        RecordingListener listener = new RecordingListener();
        new Trainer(recipe("", "schedule.steps=40"), folder.resolve("run"), listener).run(false);
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(folder.resolve("run"));
        List<Double> losses = lines.stream()
                .filter(line -> line.containsKey(MetricNames.VALIDATION_LOSS))
                .map(line -> line.getOrDefault(MetricNames.VALIDATION_LOSS, Double.NaN))
                .toList();
        assertThat(losses.getLast()).isLessThan(0.5 * losses.getFirst());
        assertThat(lines.getFirst()).doesNotContainKey(MetricNames.FORWARD_FLOPS);
        assertThat(listener.warnings).anyMatch(text -> text.contains("the base has no chat template"));
        CheckpointDirectory model = CheckpointDirectory.open(folder.resolve("run"));
        assertThat(model.path().resolve("chat_template.jinja")).content().contains("User: ", "<|endoftext|>");
        assertThat(model.manifest().orElseThrow().base()).isPresent();
    }

    @Test
    void aStoppedRunGoesOnToTheLastBitAndTellsPromptsFromAnswers() throws IOException {
        Path whole = folder.resolve("whole");
        new Trainer(recipe(TinyRun.DEEPENED), whole, TrainingListener.SILENT).run(false);
        Path parts = folder.resolve("parts");
        for (int stop : new int[] {2, 5, 9}) {
            Trainer[] trainer = new Trainer[1];
            trainer[0] = new Trainer(recipe(TinyRun.DEEPENED), parts, new RecordingListener().afterStep(report -> {
                        if (report.step() >= stop) {
                            trainer[0].requestStop();
                        }
                    }));
            trainer[0].run(stop > 2);
        }
        new Trainer(recipe(TinyRun.DEEPENED), parts, TrainingListener.SILENT).run(true);
        assertThat(TinyRun.lastWeights(parts)).isEqualTo(TinyRun.lastWeights(whole));
        List<Map<String, Double>> metrics = TinyRun.reproducibleMetrics(whole);
        assertThat(TinyRun.reproducibleMetrics(parts)).isEqualTo(metrics);
        assertThat(metrics.getLast())
                .containsKeys(MetricNames.VALIDATION_PROMPT_DEPTH, MetricNames.VALIDATION_ANSWER_DEPTH);
    }

    @Test
    void aRunEndsWhenHeldOutAnswersGetNoBetterAndKeepsTheBest() throws IOException {
        // The learning rate rises until it does harm.
        String[] bad = {
            "optimizer.learning_rate=1.0", "schedule.warmup_steps=60", "schedule.patience=2", "schedule.steps=200"
        };
        Path run = folder.resolve("run");
        TrainingOutcome outcome = new Trainer(recipe("", bad), run, TrainingListener.SILENT).run(false);
        assertThat(outcome.reason()).isEqualTo(TrainingOutcome.Reason.COMPLETED);
        assertThat(outcome.step()).isLessThan(200);
        long best = CheckpointDirectory.open(run.resolve("best"))
                .manifest()
                .orElseThrow()
                .step();
        assertThat(outcome.step()).isEqualTo(best + 6);
        TrainingOutcome again = new Trainer(recipe("", bad), run, TrainingListener.SILENT).run(true);
        assertThat(again.step()).isEqualTo(outcome.step());
        assertThat(again.reason()).isEqualTo(TrainingOutcome.Reason.COMPLETED);
    }

    /// Two conversations per step, each with one token to learn, so that adding them causes no further
    /// rounding.
    @Test
    void whatIsSaidInOneConversationChangesNothingInAnother() throws IOException {
        TrainingRows one = conversation(3);
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(base));
                TrainStep step = TrainStep.builder(weights, settings()).build()) {
            double alone = loss(step, List.of(one));
            for (int other : new int[] {5, 6, 7}) {
                double theirs = loss(step, List.of(conversation(other)));
                assertThat(loss(step, List.of(one, conversation(other)))).isEqualTo((alone + theirs) / 2);
                assertThat(loss(step, List.of(conversation(other), one))).isEqualTo((alone + theirs) / 2);
            }
        }
    }

    private static double loss(TrainStep step, List<TrainingRows> rows) {
        return step.computeGradients(new StepRows(rows, List.of()), new StepContext(1, 0.01, 1))
                .crossEntropyLoss();
    }

    private static TrainingRows conversation(int seed) {
        int length = 5 + seed;
        boolean[] learnt = new boolean[length];
        learnt[length - 1] = true;
        return TrainingRows.of(
                IntStream.range(0, length).map(i -> (31 * i + 101 * seed) % 290).toArray(), learnt);
    }

    private static TrainStepSettings settings() {
        return new TrainStepSettings(
                TrainingObjective.CROSS_ENTROPY,
                Precision.FLOAT32,
                new AdamW.Settings(0.9, 0.95, 1e-8),
                0.1,
                1,
                new TrainStepSettings.Parallelism(2),
                10,
                RecursiveTransformer.Activations.KEEP,
                0,
                0);
    }

    @Test
    void conversationsAndWhatDoesNotGoWithThemAreRefused() throws IOException {
        assertThatThrownBy(() -> recipe("", "schedule.tokens=5000"))
                .hasMessageContaining("schedule must be given in steps with data.conversations");
        assertThatThrownBy(() -> recipe("", "data.conversations.validation_fraction=0.7"))
                .hasMessageContaining(
                        "data.conversations.validation_fraction must be above 0 and at most 0.5, got 0.7");
        assertThatThrownBy(() -> recipe("", "data.conversations.pth=x"))
                .hasMessageContaining("unknown key data.conversations.pth");
        assertThatThrownBy(() -> recipe("", "schedule.patience=2", "metrics.validate_every=0"))
                .hasMessageContaining("schedule.patience must be 0 where metrics.validate_every is 0");
        Recipe fresh = Recipe.parse(
                TinyRun.TAUGHT.formatted(chats)
                        + TinyRun.VANILLA
                                .replace("max_position_embeddings: 16", "max_position_embeddings: 96")
                                .replaceAll("(?s)batch:.*", ""),
                List.of());
        assertThatThrownBy(() -> new Trainer(fresh, folder.resolve("fresh"), TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "data.conversations needs a model to train; set initialisation.from (--init-from DIR)");
        assertThat(folder.resolve("fresh")).doesNotExist();
    }
}
