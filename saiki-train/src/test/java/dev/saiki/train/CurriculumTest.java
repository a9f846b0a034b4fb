package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trains on questions that always have the same answer, which a tiny model learns in a few steps, before questions
/// whose answers are random.
final class CurriculumTest {

    private static final String LEARN = "data.target_weights.others=0";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path shared;

    private static Path easy = Path.of("");
    private static Path hard = Path.of("");
    private static Path plain = Path.of("");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        plain = TinyRun.prepareData(shared.resolve("plain"));
        easy = shared.resolve("easy");
        hard = shared.resolve("hard");
        Corpus same = questions(1);
        Tokenizer tokenizer = BytePairTrainer.train(same, 280);
        PrepareOptions options = PrepareOptions.defaults().withValidationFraction(0.1);
        TokenDataset.prepare(same, tokenizer, easy, options);
        TokenDataset.prepare(questions(10), tokenizer, hard, options);
    }

    /// Documents of ten questions, each with one of a number of answers.
    private static Corpus questions(int answers) {
        List<Document> documents = IntStream.range(0, 200)
                .mapToObj(i -> {
                    StringBuilder text = new StringBuilder();
                    List<MarkedAnswer> marked = new ArrayList<>();
                    for (int question = 0; question < 10; question++) {
                        text.append("q ? ");
                        marked.add(new MarkedAnswer(text.length(), text.length() + 1, 1));
                        text.append((i * 7 + question * question) % answers).append(" ; ");
                    }
                    return new Document("document " + i, text.toString(), marked);
                })
                .toList();
        return Corpus.ofDocuments("questions", documents);
    }

    private static Recipe recipe(Path easier, String... overrides) {
        String[] all = new String[overrides.length + 3];
        System.arraycopy(overrides, 0, all, 3, overrides.length);
        all[0] = LEARN;
        all[1] = "data.curriculum.datasets=[" + easier + "]";
        all[2] = "metrics.validate_every=5";
        return TinyRun.recipe(TinyRun.VANILLA, hard, all);
    }

    private RecordingListener train(String name, Recipe recipe) throws IOException {
        RecordingListener listener = new RecordingListener();
        new Trainer(recipe, folder.resolve(name), listener).run(false);
        return listener;
    }

    @Test
    void theNextDatasetFollowsOnceEnoughAnswersAreRight() throws IOException {
        List<Integer> stages = train("a", recipe(easy, "schedule.steps=40")).promotions;
        assertThat(stages).containsExactly(1);
    }

    @Test
    void aDatasetThatIsNotLearntIsKept() throws IOException {
        assertThat(train("a", recipe(hard, "schedule.steps=40")).promotions).isEmpty();
    }

    @Test
    void aRunWithACurriculumResumesExactlyOnEitherSideOfThePromotion() throws IOException {
        Recipe recipe = recipe(easy, "schedule.steps=40");
        RecordingListener listener = train("whole", recipe);
        long promoted = listener.promotedAt;
        for (long stop : new long[] {promoted - 2, promoted, promoted + 3}) {
            Path parts = folder.resolve("stopped at " + stop);
            ResumeTest.runUntil(recipe, parts, stop, false);
            ResumeTest.runUntil(recipe, parts, Long.MAX_VALUE, true);
            assertThat(TinyRun.lastWeights(parts)).isEqualTo(TinyRun.lastWeights(folder.resolve("whole")));
        }
    }

    @Test
    void validationAlwaysScoresTheLastDataset() throws IOException {
        RecordingListener listener = train("a", recipe(easy, "schedule.steps=40"));
        assertThat(listener.validations.getLast().crossEntropyLoss())
                .as("ten answers at random, of which the curriculum shows one")
                .isGreaterThan(1.5);
    }

    @Test
    void aCurriculumThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> train("a", recipe(plain)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("for data.curriculum");
        assertThatThrownBy(() -> recipe(easy, "data.curriculum.accuracy=1.2"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("data.curriculum.accuracy must be above 0 and at most 1, got 1.2");
        assertThatThrownBy(() -> recipe(easy, "data.target_weights.others=1", "data.conversations.path=c.jsonl"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "data.curriculum must be left out unless data.dataset is given without data.conversations");
    }
}
