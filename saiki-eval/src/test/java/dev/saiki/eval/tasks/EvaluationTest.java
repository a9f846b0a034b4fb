package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.eval.LengthSortedBatches;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {

    @TempDir
    private Path data;

    private final StubModel model = new StubModel();

    private void write(String file, List<String> lines) throws IOException {
        Path path = data.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.write(path, lines);
    }

    private EvaluationOptions options(int shots, OptionalInt limit, long seed) {
        return new EvaluationOptions(Optional.of(data), shots, limit, seed);
    }

    private TaskResult run(String task, EvaluationOptions options) {
        return new Evaluation(model.evaluated(), options, _ -> {}).run((Task) TaskRegistry.named(task));
    }

    /// Twelve solutions to draw from, named a to l, and three goals.
    private void writePiqa(String folder) throws IOException {
        write(
                folder + "/train.jsonl",
                IntStream.range(0, 12)
                        .mapToObj(i -> "{\"goal\": \"" + (char) ('a' + i)
                                + "\", \"sol1\": \"x\", \"sol2\": \"y\", \"label\": 0}")
                        .toList());
        write(
                folder + "/validation.jsonl",
                IntStream.range(0, 3)
                        .mapToObj(i -> "{\"goal\": \"" + i + "\", \"sol1\": \"x\", \"sol2\": \"y\", \"label\": 0}")
                        .toList());
    }

    private static String solved(String first, String second, int goal) {
        return "Question: " + first + "\nAnswer: x\n\nQuestion: " + second + "\nAnswer: x\n\nQuestion: " + goal
                + "\nAnswer:| x";
    }

    private List<String> firstQuestions() {
        List<String> questions = model.questions();
        return List.of(questions.get(0), questions.get(2), questions.get(4));
    }

    @Test
    void shotsAreThoseThatTheHarnessDraws() throws IOException {
        writePiqa("piqa");
        run("piqa", options(2, OptionalInt.empty(), 1234));
        // One generator runs on; without a test split, three are drawn and two kept. CPython's first two of each
        // sample are [7, 1], [1, 9] and [10, 1].
        assertThat(firstQuestions()).containsExactly(solved("h", "b", 0), solved("b", "j", 1), solved("k", "b", 2));
    }

    @Test
    void anotherSeedDrawsOthers() throws IOException {
        writePiqa("piqa");
        run("piqa", options(2, OptionalInt.empty(), 7));
        assertThat(firstQuestions()).containsExactly(solved("f", "c", 0), solved("k", "a", 1), solved("i", "b", 2));
    }

    @Test
    void withATestSplitOnlyAsManyAsNeededAreDrawn() throws IOException {
        write(
                "arc_easy/train.jsonl",
                IntStream.range(0, 12)
                        .mapToObj(i -> "{\"question\": \"" + (char) ('a' + i) + "\", \"choices\": {\"text\": [\"x\","
                                + " \"y\"], \"label\": [\"A\", \"B\"]}, \"answerKey\": \"A\"}")
                        .toList());
        write(
                "arc_easy/test.jsonl",
                IntStream.range(0, 3)
                        .mapToObj(
                                i -> "{\"question\": \"" + i + "\", \"choices\": {\"text\": [\"x\", \"y\"], \"label\":"
                                        + " [\"A\", \"B\"]}, \"answerKey\": \"A\"}")
                        .toList());
        run("arc_easy", options(2, OptionalInt.empty(), 1234));
        // CPython's samples of two: [7, 1], [0, 1], [9, 0].
        assertThat(firstQuestions()).containsExactly(solved("h", "b", 0), solved("a", "b", 1), solved("j", "a", 2));
    }

    @Test
    void moreShotsThanDocumentsAreRefused() throws IOException {
        writePiqa("piqa");
        assertThatThrownBy(() -> run("piqa", options(12, OptionalInt.empty(), 1234)))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "piqa: --num-fewshot must be at most 11 with 12 documents to take examples" + " from, got 12");
    }

    @Test
    void aLimitTakesTheFirstDocuments() throws IOException {
        writePiqa("piqa");
        TaskResult result = run("piqa", options(0, OptionalInt.of(2), 1234));
        assertThat(result.evaluated()).isEqualTo(2);
        assertThat(result.documents()).isEqualTo(3);
        assertThat(model.asked()).hasSize(4);
        assertThat(run("piqa", options(0, OptionalInt.of(9), 1234)).evaluated()).isEqualTo(3);
    }

    @Test
    void impossibleOptionsAreRefused() {
        assertThatThrownBy(() -> options(-1, OptionalInt.empty(), 0))
                .isInstanceOf(InputException.class)
                .hasMessage("--num-fewshot must be from 0 to 1000, got -1");
        assertThatThrownBy(() -> options(0, OptionalInt.of(0), 0)).hasMessage("--limit must be at least 1, got 0");
        assertThatThrownBy(() -> options(0, OptionalInt.empty(), -1)).hasMessage("--seed must be at least 0, got -1");
        EvaluationOptions without = new EvaluationOptions(Optional.empty(), 0, OptionalInt.empty(), 0);
        assertThatThrownBy(() -> run("piqa", without))
                .isInstanceOf(InputException.class)
                .hasMessage("--data must name the folder that holds piqa/validation.jsonl (or .jsonl.gz, .jsonl.zst,"
                        + " .parquet)");
    }

    @Test
    void splitsMayComeInPartsButOnlyOnce() throws IOException {
        List<String> row = List.of("{\"text\": \"a b\"}");
        write("lambada_openai/test-00000-of-00002.jsonl", row);
        write("lambada_openai/test-00001-of-00002.jsonl", row);
        assertThat(run("lambada_openai", options(0, OptionalInt.empty(), 0)).evaluated())
                .isEqualTo(2);
        write("lambada_openai/test.jsonl", row);
        assertThatThrownBy(() -> run("lambada_openai", options(0, OptionalInt.empty(), 0)))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        data.resolve("lambada_openai") + ": the split test must exist in one format, got test")
                .hasMessageContaining("test.jsonl");
    }

    @Test
    void costIsThatOfTheDepthsTaken() throws IOException {
        writePiqa("piqa");
        TaskResult result = run("piqa", options(0, OptionalInt.of(1), 1234));
        // "Question: 0\nAnswer:" and " x": 19 + 2 bytes, the last of which is not read; even places are deep.
        int[] depths = new int[20];
        Arrays.setAll(depths, position -> position % 2 == 0 ? 2 : 1);
        SequenceCost one = SequenceCost.of(StubModel.config(StubModel.CONTEXT), depths, Integer.MAX_VALUE, 2);
        EvaluationCost spent = result.spent();
        assertThat(spent.tokensRead()).isEqualTo(40);
        assertThat(spent.tokensScored()).isEqualTo(4);
        assertThat(spent.flops()).isEqualTo(2 * one.flops());
        assertThat(spent.flopsPerToken()).isEqualTo(one.flops() / 20.0);
        assertThat(spent.flopsPerScoredToken()).isEqualTo(one.flops() / 2.0);
        assertThat(spent.meanDepth()).isEqualTo(1.5);
        // Predicted from the 19th token, at an even place, and the 20th.
        assertThat(spent.meanDepthForScored()).isEqualTo(1.5);
        // Two layers outside, one in the block for each step, 2 · 1 · 4 numbers of two bytes.
        assertThat(spent.cacheBytesPerToken()).isEqualTo((2 + 1.5) * 2 * 4 * 2);
    }

    @Test
    void promptsThatLostTheirBeginningAreCounted() throws IOException {
        write(
                "lambada_openai/test.jsonl",
                List.of("{\"text\": \"" + "long ".repeat(120) + "end\"}", "{\"text\": \"a b\"}"));
        assertThat(run("lambada_openai", options(0, OptionalInt.empty(), 0)).truncated())
                .isEqualTo(1);
        assertThat(model.asked().getFirst().ids()).hasSize(StubModel.CONTEXT + 1);
    }

    @Test
    void groupsAreAveragedAsTheHarnessDoes() throws IOException {
        TaskGroup blimp = (TaskGroup) TaskRegistry.named("blimp");
        Map<String, TaskResult> results = new HashMap<>();
        for (int i = 0; i < blimp.tasks().size(); i++) {
            String name = blimp.tasks().get(i).name();
            results.put(name, result(name, i == 0 ? 100 : 10, i == 0 ? 1 : 0.5, 0.1));
        }
        EvaluationReport report = new EvaluationReport(List.of(blimp), results, OptionalInt.empty());
        TaskResult group = report.groups().getFirst().result();
        assertThat(group.measured().getFirst().value()).isCloseTo((1 + 66 * 0.5) / 67, within(1e-12));
        assertThat(group.evaluated()).isEqualTo(100 + 66 * 10);
        double pooled = (99 * 0.01 * 100 + 66 * 9 * 0.01 * 10) / (760 - 67);
        assertThat(group.measured().getFirst().standardError()).isCloseTo(Math.sqrt(pooled / 760), within(1e-12));
        assertThat(report.members().get("blimp")).hasSize(67);
    }

    @Test
    void mmluIsWeightedByDocumentsOverItsFields() {
        TaskGroup mmlu = (TaskGroup) TaskRegistry.named("mmlu");
        Map<String, TaskResult> results = new HashMap<>();
        mmlu.tasks().forEach(task -> results.put(task.name(), result(task.name(), 10, 0.25, 0.1)));
        results.put("mmlu_anatomy", result("mmlu_anatomy", 190, 1, 0.1));
        EvaluationReport report = new EvaluationReport(List.of(mmlu), results, OptionalInt.of(2));
        assertThat(report.groups().stream().map(group -> group.result().name()))
                .containsExactly(
                        "mmlu@depth=2",
                        "mmlu_stem@depth=2",
                        "mmlu_other@depth=2",
                        "mmlu_social_sciences@depth=2",
                        "mmlu_humanities@depth=2");
        assertThat(report.groups().get(0).result().measured().getFirst().value())
                .isCloseTo((190 + 56 * 2.5) / (190 + 560), within(1e-12));
        assertThat(report.groups().get(1).result().measured().getFirst().value())
                .isCloseTo((190 + 18 * 2.5) / (190 + 180), within(1e-12));
    }

    private static TaskResult result(String name, int documents, double accuracy, double error) {
        return new TaskResult(
                name,
                1,
                0,
                documents,
                documents,
                0,
                0.5,
                List.of(new MetricValue(Metric.ACC, accuracy, error)),
                EvaluationCost.NOTHING);
    }

    private TaskResult text(OptionalInt stride, int context, String... texts) {
        Corpus corpus = Corpus.ofDocuments(
                "texts",
                Arrays.stream(texts).map(text -> new Document("text", text)).toList());
        EvaluatedModel evaluated =
                new EvaluatedModel(StubModel.config(context), StubModel.BYTES, model, Integer.MAX_VALUE);
        return new Evaluation(evaluated, options(0, OptionalInt.empty(), 0), _ -> {})
                .run(new PerplexityTask("text", corpus, stride));
    }

    @Test
    void rollingWindowsAreTheHarnesss() {
        text(OptionalInt.empty(), 4, "abcdefghij", "xy");
        // Four predicted in each window, from one token of context; the last two from all that fits.
        assertThat(model.questions()).containsExactly("<|endoftext|>|abcd", "d|efgh", "fgh|ij", "<|endoftext|>|xy");
    }

    @Test
    void slidingWindowsKeepTheRestAsContext() {
        text(OptionalInt.of(2), 4, "abcdefg");
        assertThat(model.questions()).containsExactly("<|endoftext|>|abcd", "bcd|ef", "cdef|g");
        assertThatThrownBy(() -> text(OptionalInt.of(5), 4, "abc"))
                .isInstanceOf(InputException.class)
                .hasMessage("--stride must be from 1 to 4 (config.json: max_position_embeddings), got 5");
    }

    @Test
    void everyTokenIsScoredOnceWhateverTheWindows() {
        List<int[]> documents = List.of(new int[23], new int[1], new int[8]);
        for (int stride = 1; stride < 8; stride++) {
            int scored = ScoringWindow.rolling(documents, 0, 8, stride).stream()
                    .mapToInt(ScoringWindow::scored)
                    .sum();
            assertThat(scored).isEqualTo(32);
        }
    }

    @Test
    void perplexitiesAreByWordByteAndToken() {
        TaskResult result = text(OptionalInt.empty(), 64, "go, sea", "é");
        // "go, sea": -2 - 1 - 2 - 0.5 - 2 - 1 - 1 = -9.5; "é": -1.5. Three words, nine bytes and as many tokens.
        Map<Metric, Double> values = new HashMap<>();
        result.measured().forEach(one -> values.put(one.metric(), one.value()));
        assertThat(values.get(Metric.NLL)).isCloseTo(11.0 / 9, within(1e-12));
        assertThat(values.get(Metric.TOKEN_PERPLEXITY)).isCloseTo(Math.exp(11.0 / 9), within(1e-12));
        assertThat(values.get(Metric.BYTE_PERPLEXITY)).isCloseTo(Math.exp(11.0 / 9), within(1e-12));
        assertThat(values.get(Metric.WORD_PERPLEXITY)).isCloseTo(Math.exp(11.0 / 3), within(1e-9));
        assertThat(values.get(Metric.BITS_PER_BYTE)).isCloseTo(11.0 / 9 / Math.log(2), within(1e-12));
        // Two windows: residuals 9.5 - 7 · 11/9 and its opposite; linearised over 9 tokens.
        double residual = 9.5 - 7 * 11.0 / 9;
        double error = Math.sqrt(2 * residual * residual * 2) / 9;
        assertThat(result.find(Metric.NLL).orElseThrow().standardError()).isCloseTo(error, within(1e-12));
        assertThat(result.find(Metric.BITS_PER_BYTE).orElseThrow().standardError())
                .isCloseTo(error / Math.log(2), within(1e-12));
        assertThat(result.find(Metric.TOKEN_PERPLEXITY).orElseThrow().standardError())
                .isCloseTo(Math.exp(11.0 / 9) * error, within(1e-12));
    }

    @Test
    void resultsComeBackInTheOrderOfTheQuestions() {
        List<Continuation> continuations = new ArrayList<>();
        for (int length : List.of(3, 9, 2, 5, 9)) {
            continuations.add(new Continuation(new int[length], 1));
        }
        LengthSortedBatches order = new LengthSortedBatches(continuations);
        List<List<Continuation>> batches = order.batches(2);
        assertThat(batches.stream()
                        .map(batch -> batch.stream().map(Continuation::numRead).toList()))
                .containsExactly(List.of(8, 8), List.of(4, 2), List.of(1));
        List<Continuation> flat = batches.stream().flatMap(List::stream).toList();
        assertThat(order.restored(model.score(flat)).stream().map(scored -> scored.depths().length))
                .containsExactly(2, 8, 1, 4, 8);
    }
}
