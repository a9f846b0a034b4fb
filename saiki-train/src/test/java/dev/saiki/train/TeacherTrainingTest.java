package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs with a frozen teacher.
class TeacherTrainingTest {

    private static final String WITHOUT_MODEL = TinyRun.VANILLA.substring(TinyRun.VANILLA.indexOf("optimizer:"));

    private static final String DEEPENED = """
            model:
              recursion: {sharing: middle_cycle, num_recursions: 2, entry_layers: 3, exit_layers: 2, step_gates: true}
              routing: {type: expert_threshold, effort_grid: [0.5, 1], default_effort: 0.5}
            """ + WITHOUT_MODEL;

    @TempDir
    static Path shared;

    private static Path oldText = Path.of("");
    private static Path newText = Path.of("");
    private static Path base = Path.of("");

    @TempDir
    Path folder;

    @BeforeAll
    static void trainABase() throws IOException {
        TorchRuntime.setThreadsOfCaller(1);
        oldText = TinyRun.prepareData(shared.resolve("old"));
        Tokenizer tokenizer = Tokenizer.load(TokenDataset.open(oldText).tokenizerFile());
        newText = prepare(tokenizer, "other words number ", shared.resolve("new"));
        base = shared.resolve("base");
        new Trainer(TinyRun.recipe(TinyRun.VANILLA, oldText, "schedule.steps=60"), base, TrainingListener.SILENT)
                .run(false);
    }

    private static Path prepare(Tokenizer tokenizer, String words, Path folder) throws IOException {
        List<Document> documents = IntStream.range(0, 24)
                .mapToObj(i -> new Document("document " + i, (words + i + " and more. ").repeat(30)))
                .toList();
        TokenDataset.prepare(
                Corpus.ofDocuments("other text", documents),
                tokenizer,
                folder,
                PrepareOptions.defaults().withValidationFraction(0.1));
        return folder;
    }

    private static String teacher(String keys) {
        return "objective.teacher={" + keys + "}";
    }

    private static String ofOldText() {
        return teacher("dataset: " + oldText + ", sequences: 2, coefficient: 3");
    }

    private static Recipe deepened(String... overrides) {
        return TinyRun.recipe(
                DEEPENED,
                newText,
                Stream.concat(Stream.of("initialisation.from=" + base), Arrays.stream(overrides))
                        .toArray(String[]::new));
    }

    private Path train(Recipe recipe, String name) throws IOException {
        Path run = folder.resolve(name);
        new Trainer(recipe, run, TrainingListener.SILENT).run(false);
        return run;
    }

    /// The loss of one pass on the base's text, in nats per token.
    private static double lossOnOldText(Path model) {
        int[][] rows = new BatchLoader(TokenDataset.open(oldText).validation(), 16, 0, LoaderPosition.START).next(16);
        List<int[]> ids = Arrays.stream(rows).map(row -> Arrays.copyOf(row, 16)).toList();
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(model));
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            return scorer.score(ids, new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN)).stream()
                    .flatMap(row -> IntStream.range(1, 16).mapToObj(t -> -row.logprobs()[t]))
                    .mapToDouble(Float::doubleValue)
                    .average()
                    .orElseThrow();
        }
    }

    @Test
    void aTeacherHoldsTheFirstPassToItsBaseOnTheOldText() throws IOException {
        String[] longer = {"schedule.steps=60"};
        double ofBase = lossOnOldText(base);
        double alone = lossOnOldText(train(deepened(longer), "alone"));
        double held = lossOnOldText(train(deepened("schedule.steps=60", ofOldText()), "held"));
        assertThat(alone - ofBase).describedAs("forgotten without a teacher").isGreaterThan(0.2);
        assertThat(held - ofBase).describedAs("forgotten with one").isLessThan((alone - ofBase) / 3);
    }

    @Test
    void theManifestNamesTheTeacherAndItsText() throws IOException {
        Path run = train(deepened(ofOldText()), "run");
        Manifest manifest = CheckpointDirectory.open(run).manifest().orElseThrow();
        TeacherOrigin teacher = manifest.provenance().teacher().orElseThrow();
        CheckpointDirectory of = CheckpointDirectory.open(base);
        assertThat(teacher)
                .isEqualTo(new TeacherOrigin(
                        of.path().toString(),
                        ContentHash.of(of),
                        TokenDataset.open(oldText).dataHash()));
        assertThat(manifest.dataHash()).contains(TokenDataset.open(newText).dataHash());
        assertThat(manifest.tokensSeen())
                .describedAs("what is learnt of the run's text")
                .isEqualTo(12 * 4 * 16);
        assertThat(manifest.provenance().onePass().orElseThrow().isIssued()).isFalse();
        // The line of step 0 describes the model before training.
        List<Double> distances = TinyRun.reproducibleMetrics(run).stream()
                .skip(1)
                .map(line -> Objects.requireNonNull(line.get(MetricNames.TEACHER_LOSS)))
                .toList();
        assertThat(distances).hasSize(12);
        assertThat(distances.getFirst())
                .describedAs("the model begins as its teacher")
                .isZero();
        assertThat(distances.getLast()).isPositive();
    }

    @Test
    void aStoppedRunGoesOnInBothTextsAndEndsWithTheSameBits() throws IOException {
        Recipe recipe = deepened(ofOldText(), "model.dropout=0.1");
        Path undisturbed = train(recipe, "undisturbed");
        Path stopped = folder.resolve("stopped");
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, stopped, new RecordingListener().afterStep(report -> {
                    if (report.step() == 5) {
                        trainer[0].requestStop();
                    }
                }));
        assertThat(trainer[0].run(false).step()).isEqualTo(5);
        RunState state = StateDirectory.open(stopped.resolve("step-5")).state();
        assertThat(state.positions())
                .isEqualTo(new TextPositions(0, new LoaderPosition(0, 5 * 4), new LoaderPosition(0, 5 * 2)));
        new Trainer(Recipe.load(stopped.resolve(RunDirectory.RECIPE), List.of()), stopped, TrainingListener.SILENT)
                .run(true);
        assertThat(TinyRun.reproducibleMetrics(stopped)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        assertThat(TinyRun.lastWeights(stopped)).isEqualTo(TinyRun.lastWeights(undisturbed));
    }

    @Test
    void anyNumberOfWorkersGivesTheSameBits() throws IOException {
        Path one = train(deepened(ofOldText(), "parallelism.workers=1"), "one");
        Path three = train(deepened(ofOldText(), "parallelism.workers=3"), "three");
        assertThat(TinyRun.lastWeights(three)).isEqualTo(TinyRun.lastWeights(one));
        assertThat(TinyRun.reproducibleMetrics(three)).isEqualTo(TinyRun.reproducibleMetrics(one));
    }

    @Test
    void aTeacherCostsNoStateOfTheOptimizer() throws IOException {
        Path with = train(deepened(ofOldText()), "with");
        Path without = train(deepened(), "without");
        for (String file : List.of("optimizer.safetensors", "model.safetensors")) {
            assertThat(Files.size(with.resolve("step-12").resolve(file)))
                    .isEqualTo(Files.size(without.resolve("step-12").resolve(file)));
        }
        CheckpointDirectory before = CheckpointDirectory.open(base);
        assertThat(TinyRun.lastWeights(base))
                .describedAs("the teacher stays as it is")
                .isNotEmpty();
        assertThat(ContentHash.of(before))
                .isEqualTo(CheckpointDirectory.open(with)
                        .manifest()
                        .orElseThrow()
                        .provenance()
                        .teacher()
                        .orElseThrow()
                        .contentHash());
    }

    /// As after shrinking: the unshrunk model is the teacher on the text of the run.
    @Test
    void withoutTextOfItsOwnATeacherTeachesOnTheTextOfTheRun() throws IOException {
        Recipe recipe = TinyRun.recipe(
                TinyRun.RECURSIVE, oldText, teacher("model: " + base + ", coefficient: 2, temperature: 1.5"));
        Path run = train(recipe, "healed");
        assertThat(TinyRun.reproducibleMetrics(run)).allSatisfy(line -> {
            double text = Objects.requireNonNull(line.get(MetricNames.CROSS_ENTROPY_LOSS));
            double taught = Objects.requireNonNull(line.get(MetricNames.TEACHER_LOSS));
            double total = Objects.requireNonNull(line.get(MetricNames.TOTAL_LOSS));
            assertThat(total).isCloseTo(text + 2 * taught, within(1e-5));
        });
        assertThat(CheckpointDirectory.open(run)
                        .manifest()
                        .orElseThrow()
                        .provenance()
                        .teacher()
                        .orElseThrow()
                        .dataHash())
                .isEqualTo(TokenDataset.open(oldText).dataHash());
    }

    @Test
    void whatTheTeacherCostsIsCounted() {
        Recipe alone = deepened();
        Recipe held = deepened(ofOldText());
        Recipe ofTheRun = deepened(teacher("coefficient: 1"));
        double teacher = ofTheRun.forwardFlopsPerToken() - alone.forwardFlopsPerToken();
        ModelConfig config = CheckpointDirectory.open(base).config();
        int layer = 2 * (4 * 16 * 16 + 3 * 16 * 32) + 2 * 16 * 16;
        assertThat(teacher).isCloseTo(8 * layer + 2 * 16 * config.vocabSize(), within(1e-6));
        // Two rows a step beside four, which one pass of the model reads too: eight layers.
        assertThat(held.forwardFlopsPerToken() - alone.forwardFlopsPerToken())
                .isCloseTo((teacher + 8 * layer) * 2 / 4, within(1e-6));
        assertThat(Recipe.parse(held.toYaml(), List.of())).isEqualTo(held);
        assertThat(Recipe.parse(ofTheRun.toYaml(), List.of())).isEqualTo(ofTheRun);
    }

    @Test
    void aRunDoesNotGoOnWithAnotherTeacherOrAnotherTextOfIt() throws IOException {
        Path mine = folder.resolve("mine");
        TinyRun.copy(base, mine);
        Path text = folder.resolve("text");
        TinyRun.copy(oldText, text);
        Recipe recipe = deepened(teacher("model: " + mine + ", dataset: " + text));
        Path run = folder.resolve("run");
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(recipe, run, new RecordingListener().afterStep(report -> trainer[0].requestStop()));
        trainer[0].run(false);

        CheckpointDirectory before = CheckpointDirectory.open(base);
        CheckpointDirectory.write(
                mine.resolve("last"),
                before.config(),
                before.tensors().values().stream()
                        .map(TeacherTrainingTest::moved)
                        .toList(),
                Optional.of(before.tokenizer()),
                Manifest.untrained());
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the run started with another teacher than the one now in")
                .hasMessageContaining("start a new run in another folder");
        TinyRun.copy(base, mine);
        TinyRun.copy(prepare(Tokenizer.load(before.tokenizer()), "a third text ", folder.resolve("third")), text);
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(true))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the run started with other text in objective.teacher.dataset");
    }

    private static StoredTensor moved(StoredTensor tensor) {
        float[] values = tensor.toFloats();
        values[0] = Math.nextUp(values[0]);
        return StoredTensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    @Test
    void aTeacherOfOtherTokensIsRefusedByName() throws IOException {
        Corpus corpus = Corpus.ofDocuments("numbers", List.of(new Document("one", "12 345 6789 ".repeat(400))));
        Tokenizer other = BytePairTrainer.train(corpus, 300);
        Path theirText = prepare(other, "12 345 ", folder.resolve("theirs"));
        Path theirs = train(TinyRun.recipe(TinyRun.VANILLA, theirText), "other");
        refused(
                deepened(teacher("model: " + theirs)),
                "objective.teacher: " + theirs.resolve("last"),
                "the teacher's tokenizer must be the same as the run's, got another one");
        refused(deepened(teacher("dataset: " + theirText)), "tokenizer");
        refused(
                deepened(teacher("dataset: " + folder.resolve("none"))),
                folder.resolve("none").toString());
    }

    private void refused(Recipe recipe, String... parts) {
        Path run = folder.resolve("refused");
        assertThatThrownBy(() -> new Trainer(recipe, run, TrainingListener.SILENT).run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(parts);
        assertThat(run.resolve(RunDirectory.RECIPE)).doesNotExist();
    }

    @Test
    void aSectionThatTeachesNothingIsRefused() {
        String text = "dataset: " + oldText;
        wrong("model: " + folder.resolve("none"), folder.resolve("none").toString());
        wrong(
                text + ", depth: 3",
                "objective.teacher.depth must be at most the model's number of recursions (2), got 3");
        wrong(text + ", depth: 0", "objective.teacher.depth must be at least 1, got 0");
        wrong(
                text + ", sequences: 3",
                "objective.teacher.sequences must be below batch.micro_batch_sequences (2) or a");
        wrong("depth: 1", "objective.teacher.depth must be left out without objective.teacher.dataset");
        wrong(text + ", coefficient: 0", "objective.teacher.coefficient must be positive, got 0");
        wrong(text + ", temperature: -1", "objective.teacher.temperature must be positive");
        wrong(text + ", directoin: 1", "unknown key objective.teacher.directoin");
        assertThatThrownBy(() -> deepened(ofOldText(), "optimizer.trained=[model.step_gates, model.routers.*]"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("objective.teacher must be left out where optimizer.trained names no tensor"
                        + " of the first pass");
        assertThatThrownBy(() -> deepened(
                        teacher("coefficient: 1"), "objective.full_depth={share: 0.5}", "model.vocab_size=300"))
                .hasMessageContaining("objective.teacher.dataset must be given with objective.full_depth");
        assertThatThrownBy(() -> TinyRun.recipe(TinyRun.VANILLA, newText, teacher("coefficient: 1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "objective.teacher.model must be the folder of a checkpoint, or base with initialisation.from");
    }

    private static void wrong(String keys, String message) {
        assertThatThrownBy(() -> deepened(teacher(keys)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }
}
