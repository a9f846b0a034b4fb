package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.problem.MarkedText;
import dev.saiki.text.problem.ProblemFamily;
import dev.saiki.text.problem.ProblemForm;
import dev.saiki.text.problem.ProblemOptions;
import dev.saiki.text.problem.ProblemSplit;
import dev.saiki.text.problem.ProblemWriter;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.train.metrics.MetricNames;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trains on problems of one move, whose answers a tiny model learns in a second.
final class TargetWeightsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path shared;

    private static Path problems = Path.of("");
    private static Path plain = Path.of("");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        plain = TinyRun.prepareData(shared.resolve("plain"));
        problems = shared.resolve("problems");
        ProblemWriter writer = new ProblemWriter(
                List.of(ProblemFamily.BALL),
                ProblemForm.SYMBOLS,
                ProblemOptions.NAMES,
                ProblemSplit.TRAIN,
                new SplittableRandom(3));
        List<Document> documents = IntStream.range(0, 200)
                .mapToObj(i -> {
                    MarkedText text = writer.document(() -> 1, 100);
                    return new Document("document " + i, text.text(), text.markedAnswers());
                })
                .toList();
        Corpus corpus = Corpus.ofDocuments("problems", documents);
        TokenDataset.prepare(
                corpus,
                BytePairTrainer.train(corpus, 290),
                problems,
                PrepareOptions.defaults().withValidationFraction(0.1));
    }

    private static Recipe recipe(Path dataset, String... overrides) {
        return TinyRun.recipe(TinyRun.VANILLA, dataset, overrides);
    }

    private List<Map<String, Double>> train(String name, String... overrides) throws IOException {
        Path run = folder.resolve(name);
        new Trainer(recipe(problems, overrides), run, TrainingListener.SILENT).run(false);
        return TinyRun.reproducibleMetrics(run);
    }

    private static double value(Map<String, Double> line, String metric) {
        return Objects.requireNonNull(line.get(metric), metric);
    }

    @Test
    void withAnswersAloneOnlyTheirTokensAreTargets() throws IOException {
        List<Map<String, Double>> all = train("all");
        List<Map<String, Double>> answers = train("answers", "data.target_weights.others=0");
        double share =
                value(answers.getLast(), MetricNames.TOKENS_SEEN) / value(all.getLast(), MetricNames.TOKENS_SEEN);
        assertThat(share).as("one answer in about six tokens").isBetween(0.1, 0.3);
        assertThat(answers.getLast()).containsKey(MetricNames.VALIDATION_LOSS);
    }

    @Test
    void theLossOfAnswersAloneFalls() throws IOException {
        List<Map<String, Double>> lines = train("a", "schedule.steps=40", "data.target_weights.others=0").stream()
                .filter(line -> line.containsKey(MetricNames.VALIDATION_LOSS))
                .toList();
        assertThat(value(lines.getLast(), MetricNames.VALIDATION_LOSS))
                .isLessThan(value(lines.getFirst(), MetricNames.VALIDATION_LOSS) - 0.5);
    }

    /// Weights of two and two are those of one and one.
    @Test
    void onlyTheRatioOfTheWeightsMatters() throws IOException {
        assertThat(train("one").getLast().get(MetricNames.CROSS_ENTROPY_LOSS))
                .isEqualTo(train("two", "data.target_weights.answers=2", "data.target_weights.others=2")
                        .getLast()
                        .get(MetricNames.CROSS_ENTROPY_LOSS));
    }

    @Test
    void aRunWithWeightsResumesExactly() throws IOException {
        String[] weights = {"data.target_weights.answers=3", "data.target_weights.others=1"};
        Path whole = folder.resolve("whole");
        new Trainer(recipe(problems, weights), whole, TrainingListener.SILENT).run(false);
        Path parts = folder.resolve("parts");
        Recipe recipe = recipe(problems, weights);
        ResumeTest.runUntil(recipe, parts, 5, false);
        ResumeTest.runUntil(recipe, parts, Long.MAX_VALUE, true);
        assertThat(TinyRun.lastWeights(parts)).isEqualTo(TinyRun.lastWeights(whole));
    }

    @Test
    void weightsThatDoNotFitTheDataAreRefused() {
        assertThatThrownBy(() -> new Trainer(
                                recipe(plain, "data.target_weights.answers=3"),
                                folder.resolve("run"),
                                TrainingListener.SILENT)
                        .run(false))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("marked_answers");
        assertThatThrownBy(() -> recipe(plain, "data.target_weights.answers=0"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.target_weights.answers must be from 1 to 100, got 0");
        assertThatThrownBy(() -> recipe(plain, "data.target_weights.others=3", "data.conversations.path=chats.jsonl"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.target_weights must be left out with data.conversations");
    }
}
