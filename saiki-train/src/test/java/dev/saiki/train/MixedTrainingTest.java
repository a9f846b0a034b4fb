package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.model.TrainingRows;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that train a model on conversations and on text.
class MixedTrainingTest {

    private static final String STEPS = "schedule: {steps: 12, warmup_steps: 2}\noptimizer: {learning_rate: 0.01}\n";

    @TempDir
    static Path shared;

    private static Path base = Path.of("");
    private static Path chats = Path.of("");
    private static Path text = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainBase() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        base = TinyRun.trainBase(shared);
        text = shared.resolve("data");
        chats = TinyRun.writeConversations(shared.resolve("chats.jsonl"));
    }

    private static Recipe taught(String more, String... overrides) {
        List<String> all = new ArrayList<>(List.of("initialisation.from=" + base));
        all.addAll(List.of(overrides));
        return Recipe.parse(TinyRun.TAUGHT.formatted(chats) + STEPS + more, all);
    }

    private static Recipe mixed(String more, String... overrides) {
        return taught(
                more,
                Stream.concat(Stream.of("data.dataset=" + text), Arrays.stream(overrides))
                        .toArray(String[]::new));
    }

    private Path train(Recipe recipe, String name) throws IOException {
        Path run = folder.resolve(name);
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
        return run;
    }

    private static double last(Path run, String metric) throws IOException {
        return Objects.requireNonNull(TinyRun.reproducibleMetrics(run).getLast().get(metric), metric);
    }

    @Test
    void aModelLearnsToAnswerAndKeepsTheTextThatItReadsBesides() throws IOException {
        String steps = "schedule.steps=40";
        Path alone = train(taught("", steps), "alone");
        Path both = train(mixed("", steps, "data.text_share=0.5"), "both");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(both);
        double textBefore = Objects.requireNonNull(lines.getFirst().get(MetricNames.VALIDATION_TEXT_LOSS));
        double answersBefore = Objects.requireNonNull(lines.getFirst().get(MetricNames.VALIDATION_LOSS));
        assertThat(last(both, MetricNames.VALIDATION_LOSS)).isLessThan(0.5 * answersBefore);
        assertThat(last(both, MetricNames.VALIDATION_TEXT_LOSS)).isLessThan(textBefore);
        assertThat(lines.getFirst()).containsKey(MetricNames.VALIDATION_TEXT_STANDARD_ERROR);
        // What the one that read no text has forgotten of it, it tells as the model before another training.
        Path forgotten = train(
                mixed(
                        "",
                        "schedule.steps=1",
                        "schedule.warmup_steps=0",
                        "optimizer.learning_rate=1e-9",
                        "initialisation.from=" + alone),
                "next");
        assertThat(TinyRun.reproducibleMetrics(forgotten).getFirst().get(MetricNames.VALIDATION_TEXT_LOSS))
                .isGreaterThan(textBefore + 0.1);
    }

    @Test
    void answersAndTextAreCountedApart() throws IOException {
        Path run = train(mixed("", "data.text_share=0.25"), "run");
        List<Map<String, Double>> lines = TinyRun.reproducibleMetrics(run);
        double before = 0;
        for (Map<String, Double> line : lines.subList(1, lines.size())) {
            double seen = line.getOrDefault(MetricNames.TOKENS_SEEN, Double.NaN);
            double answers = seen - before - 96; // One row of text in four, all of which is learnt.
            assertThat(answers).isBetween(3.0, 60.0);
            double mean = (answers * line.getOrDefault(MetricNames.CROSS_ENTROPY_LOSS, Double.NaN)
                            + 96 * line.getOrDefault(MetricNames.TEXT_LOSS, Double.NaN))
                    / (answers + 96);
            assertThat(line.get(MetricNames.TOTAL_LOSS)).isCloseTo(mean, within(1e-5));
            before = seen;
        }
        assertThat(TinyRun.reproducibleMetrics(train(taught(""), "alone")).getLast())
                .describedAs("a run without text")
                .doesNotContainKeys(MetricNames.TEXT_LOSS, MetricNames.VALIDATION_TEXT_LOSS);
    }

    /// Validation is decided by answers: the same rows, whatever text accompanies them.
    @Test
    void theBestCheckpointIsThatOfTheBestAnswers() throws IOException {
        Path run = train(
                mixed(
                        "",
                        "optimizer.learning_rate=1.0",
                        "schedule.warmup_steps=60",
                        "schedule.patience=2",
                        "schedule.steps=200"),
                "run");
        List<Map<String, Double>> validated = TinyRun.reproducibleMetrics(run).stream()
                .skip(1)
                .filter(line -> line.containsKey(MetricNames.VALIDATION_LOSS))
                .toList();
        long best = CheckpointDirectory.open(run.resolve("best"))
                .manifest()
                .orElseThrow()
                .step();
        double lowest = validated.stream()
                .mapToDouble(line -> line.getOrDefault(MetricNames.VALIDATION_LOSS, Double.NaN))
                .min()
                .orElseThrow();
        assertThat(validated)
                .filteredOn(line -> Objects.equals(line.get("step"), (double) best))
                .singleElement()
                .satisfies(line ->
                        assertThat(line.get(MetricNames.VALIDATION_LOSS)).isEqualTo(lowest));
        assertThat(validated.getLast().get("step")).isEqualTo(best + 6.0);
    }

    /// 32 conversations are learnt from, three a step: the place is behind the end of an epoch, too.
    @Test
    void eachStepHasTheRowsThatBothSourcesGiveInTheirOrder() throws IOException {
        Recipe recipe = mixed("");
        TrainingData.Mixed data = (TrainingData.Mixed) RunInputs.open(recipe).data();
        TrainingData.Rows whole = data.rows(recipe, LoaderPosition.START);
        TrainingData.Rows answers = data.conversations().rows(recipe, LoaderPosition.START);
        BatchLoader running = new BatchLoader(
                TokenDataset.open(text).train(), 96, recipe.data().seed(), LoaderPosition.START);
        for (int step = 0; step < 30; step++) {
            TrainingData.Rows resumed = data.rows(recipe, whole.position());
            List<TrainingRows> rows = whole.next(4, 2);
            assertThat(rows.subList(0, 3)).usingRecursiveComparison().isEqualTo(answers.next(3, 1));
            assertThat(rows.getLast().ids()).isDeepEqualTo(running.next(1));
            assertThat(rows.getLast().weights()).isEmpty();
            assertThat(resumed.next(4, 2)).usingRecursiveComparison().isEqualTo(rows);
        }
        assertThat(whole.position().epoch()).isEqualTo(2);
    }

    @Test
    void aStoppedRunGoesOnToTheLastBit() throws IOException {
        Recipe recipe = mixed(TinyRun.DEEPENED, "model.dropout=0.1", "schedule.calibrate_tokens=256");
        Path whole = train(recipe, "whole");
        Path parts = folder.resolve("parts");
        for (int stop : new int[] {2, 5, 9}) {
            Trainer[] trainer = new Trainer[1];
            trainer[0] = new Trainer(recipe, parts, new RecordingListener().afterStep(report -> {
                        if (report.step() >= stop) {
                            trainer[0].requestStop();
                        }
                    }));
            assertThat(trainer[0].run(stop > 2).step()).isEqualTo(stop);
        }
        new Trainer(Recipe.load(parts.resolve(RunDirectory.RECIPE), List.of()), parts, TrainingListener.SILENT)
                .run(true);
        assertThat(TinyRun.lastWeights(parts)).isEqualTo(TinyRun.lastWeights(whole));
        assertThat(TinyRun.reproducibleMetrics(parts)).isEqualTo(TinyRun.reproducibleMetrics(whole));
    }

    @Test
    void anyNumberOfProcessesGivesTheBitsOfOne() throws IOException {
        Recipe recipe = mixed(TinyRun.DEEPENED, "data.text_share=0.5", "parallelism.workers=1");
        Path one = train(recipe, "1");
        for (int size : new int[] {2, 3}) {
            Path several = folder.resolve(String.valueOf(size));
            RanksInThreads.train(size, recipe, several, false);
            assertThat(TinyRun.reproducibleMetrics(several)).isEqualTo(TinyRun.reproducibleMetrics(one));
            assertThat(TinyRun.lastWeights(several)).isEqualTo(TinyRun.lastWeights(one));
        }
    }

    @Test
    void aRunDoesNotGoOnWithOtherTextBesideTheSameConversations() throws IOException {
        Path mine = folder.resolve("mine");
        TinyRun.copy(text, mine);
        Recipe recipe = taught("", "data.dataset=" + mine);
        Path run = folder.resolve("run");
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(report -> trainer[0].requestStop()));
        trainer[0].run(false);
        Corpus other = Corpus.ofDocuments(
                "other text",
                List.of(
                        new Document("one", "12 345 6789 ".repeat(400)),
                        new Document("two", "98 765 4321 ".repeat(400))));
        TokenDataset.prepare(
                other,
                Tokenizer.load(TokenDataset.open(text).tokenizerFile()),
                mine,
                PrepareOptions.defaults().withValidationFraction(0.5));
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the saved state was trained on other data");
    }

    @Test
    void whatCannotBeMixedIsRefusedByName() throws IOException {
        refused(
                () -> taught("", "data.text_share=0.25"),
                "data.text_share must be left out unless data.dataset and data.conversations are both given, got 0.25");
        refused(() -> mixed("", "data.text_share=1"), "data.text_share must be above 0 and below 1");
        refused(
                () -> mixed("", "data.text_share=0.1"),
                "data.text_share must be a share of batch.sequences (4) that gives each step a row of text and a"
                        + " conversation, got 0.1, which is 0 rows of text");
        refused(() -> mixed("", "data.text_share=0.9"), "got 0.9, which is 4 rows of text");
        refused(() -> mixed("", "schedule.steps=", "schedule.tokens=5000"), "schedule must be given in steps");
        Corpus numbers = Corpus.ofDocuments("numbers", List.of(new Document("one", "12 345 6789 ".repeat(400))));
        Path theirs = folder.resolve("theirs");
        TokenDataset.prepare(
                numbers,
                BytePairTrainer.train(numbers, 300),
                theirs,
                PrepareOptions.defaults().withValidationFraction(0.5));
        Path run = folder.resolve("run");
        refused(
                () -> new Trainer(taught("", "data.dataset=" + theirs), run, TrainingListener.SILENT).run(false),
                "tokenizer");
        assertThat(run).doesNotExist();
        assertThat(mixed("").data().textShare()).hasValue(0.25);
    }

    private static void refused(ThrowingCallable action, String message) {
        assertThatThrownBy(action).isInstanceOf(InputException.class).hasMessageContaining(message);
    }
}
