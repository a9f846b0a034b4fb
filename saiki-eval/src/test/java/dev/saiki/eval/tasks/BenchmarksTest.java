package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoredContinuation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Prompts and scores of every benchmark, against what its rules give by hand. The stub model finds a vowel worth -1, a
/// space -0.5, another letter -2, each of the two bytes of é -0.75.
///
/// Of the answers `a`, `aeiou` and `é` each is best in another way, so no metric can stand in for another:
///
/// | answer | log-likelihood | over characters | over bytes |
/// | --- | --- | --- | --- |
/// | a | -0.5 - 1 = **-1.5** | -1.5 | -1.5 |
/// | aeiou | -0.5 - 5 = -5.5 | **-1.1** | -1.1 |
/// | é | -0.5 - 1.5 = -2 | -2 | **-1** |
class BenchmarksTest {

    /// The index of the right answer, among `a`, `aeiou` and `é`, in each of six documents.
    private static final int[] GOLDS = {0, 1, 0, 2, 1, 0};

    @TempDir
    private Path data;

    private final StubModel model = new StubModel();
    private final List<LoggedSample> samples = new ArrayList<>();

    private void write(String file, String... lines) throws IOException {
        Path path = data.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.write(path, List.of(lines));
    }

    private TaskResult run(Suite suite, int shots) {
        EvaluationOptions options =
                new EvaluationOptions(Optional.of(data), shots, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        return new Evaluation(model.evaluated(), options, samples::add).run((Task) suite);
    }

    private TaskResult run(String task) {
        return run(TaskRegistry.named(task), 0);
    }

    /// One line for each of the six documents.
    private static String[] lines(IntFunction<String> ofGold) {
        return Arrays.stream(GOLDS).mapToObj(ofGold).toArray(String[]::new);
    }

    /// Fails unless three of the six documents are right by likelihood, two by characters, one by bytes, and each
    /// where it should be.
    private void assertEachMetricFindsItsOwn(TaskResult result) {
        List<Metric> metrics = List.of(Metric.ACC, Metric.ACC_NORM, Metric.ACC_BYTES);
        for (int document = 0; document < GOLDS.length; document++) {
            Map<Metric, Double> expected = new EnumMap<>(Metric.class);
            for (Metric metric : metrics) {
                expected.put(metric, metrics.indexOf(metric) == GOLDS[document] ? 1.0 : 0.0);
            }
            assertThat(samples.get(document).measured())
                    .as("document " + document)
                    .isEqualTo(expected);
        }
        assertThat(result.measured()).extracting(MetricValue::metric).containsExactlyElementsOf(metrics);
        assertMeasured(result, Metric.ACC, 1.0 / 2, Math.sqrt(1.0 / 2 * 1 / 2 / 5));
        assertMeasured(result, Metric.ACC_NORM, 1.0 / 3, Math.sqrt(1.0 / 3 * 2 / 3 / 5));
        assertMeasured(result, Metric.ACC_BYTES, 1.0 / 6, Math.sqrt(1.0 / 6 * 5 / 6 / 5));
    }

    private static void assertMeasured(TaskResult result, Metric metric, double value, double error) {
        MetricValue measured = result.find(metric).orElseThrow();
        assertThat(measured.value()).as(metric.key()).isCloseTo(value, within(1e-12));
        assertThat(measured.standardError()).as(metric + "'s error").isCloseTo(error, within(1e-12));
    }

    private static double value(TaskResult result, Metric metric) {
        return result.find(metric).orElseThrow().value();
    }

    @Test
    void lambadaAsksForTheLastWord() throws IOException {
        write(
                "lambada_openai/test.jsonl",
                "{\"text\": \"tell her about the aeiou\"}",
                "{\"text\": \"he went to  bed\"}",
                "{\"text\": \"one\"}");
        TaskResult result = run("lambada_openai");
        assertThat(model.questions())
                .containsExactly(
                        "tell her about the| aeiou",
                        // A context that ends in a space gives it to the continuation, which then has two.
                        "he went to|  bed",
                        "<|endoftext|>| one");
        // Log-likelihoods: -0.5 - 5; -0.5 - 0.5 - 2 - 1 - 2; -0.5 - 1 - 2 - 1.
        assertThat(value(result, Metric.PERPLEXITY)).isCloseTo(Math.exp((5.5 + 6 + 4.5) / 3), within(1e-9));
        assertThat(value(result, Metric.ACC)).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(result.chance()).isZero();
    }

    @Test
    void lambadaWithShotsHasTwoSpacesAsInTheHarness() throws IOException {
        write("lambada_openai/test.jsonl", "{\"text\": \"a b\"}", "{\"text\": \"c d\"}");
        run(TaskRegistry.named("lambada_openai"), 1);
        assertThat(model.questions()).containsExactly("c  d\n\na| b", "a  b\n\nc| d");
    }

    @Test
    void hellaswagJoinsCleansAndCapitalizes() throws IOException {
        write(
                "hellaswag/validation.jsonl",
                "{\"activity_label\": \"Sailing\", \"ctx_a\": \"A man [step] sails.\", \"ctx_b\": \"the SEA\","
                        + " \"endings\": [\"is [title] go\", \" ioio \", \"[x]bbb\", \"bbbb\"], \"label\": \"1\"}");
        TaskResult result = run("hellaswag");
        assertThat(model.questions())
                .containsExactly(
                        "Sailing: A man sails. The sea| is. go",
                        "Sailing: A man sails. The sea| ioio",
                        "Sailing: A man sails. The sea| bbb",
                        "Sailing: A man sails. The sea| bbbb");
        // -0.5 - 4 = -4.5 is highest, and over 4 characters also.
        assertThat(value(result, Metric.ACC)).isEqualTo(1);
        assertThat(value(result, Metric.ACC_NORM)).isEqualTo(1);
        assertThat(result.chance()).isEqualTo(0.25);
    }

    @Test
    void hellaswagDividesByTheLengthOfTheCleanedEnding() throws IOException {
        // With its markup, a would have 8 characters and be best over them.
        write("hellaswag/validation.jsonl", lines(gold -> """
            {"activity_label": "b", "ctx_a": "b", "ctx_b": "b", "endings": ["[xxxxx]a", "aeiou", "é"], "label": "%d"}\
            """.formatted(gold)));
        TaskResult result = run("hellaswag");
        assertThat(model.questions()).startsWith("b: b B| a", "b: b B| aeiou", "b: b B| é");
        assertEachMetricFindsItsOwn(result);
    }

    @Test
    void aCharacterIsACodePoint() throws IOException {
        write("own.jsonl", """
            {"context": "b", "choices": ["bbbbbb", "\uD83D\uDE00"], "answer": 0}\
            """);
        run(TaskRegistry.multipleChoice(data.resolve("own.jsonl")), 0);
        // -12.5 over 6; -0.5 - 4 · 0.75 = -3.5 over one character, which Java counts as two, and over four bytes.
        assertThat(samples.getFirst().measured())
                .isEqualTo(Map.of(Metric.ACC, 0.0, Metric.ACC_NORM, 1.0, Metric.ACC_BYTES, 0.0));
    }

    @Test
    void hellaswagsCleaningIsThatOfPython() {
        String raw = " [header] How to sail [title] Find a boat. [step] Look   around [a\nb] [x]\u2028[y\u2028z] ";
        assertThat(Benchmarks.cleaned(raw)).isEqualTo(" How to sail. Find a boat. Look  around [a\nb] \u2028");
    }

    @Test
    void piqaAsksForTheSolution() throws IOException {
        write(
                "piqa/validation.jsonl",
                "{\"goal\": \"To sail\", \"sol1\": \"go\", \"sol2\": \"ioio\", \"label\": 0}",
                "{\"goal\": \"To sail\", \"sol1\": \"é\", \"sol2\": \"a\", \"label\": 0}",
                "{\"goal\": \"To eat\", \"sol1\": \"a\", \"sol2\": \"aeiou\", \"label\": 0}");
        TaskResult result = run("piqa");
        assertThat(model.questions()).startsWith("Question: To sail\nAnswer:| go", "Question: To sail\nAnswer:| ioio");
        // Log-likelihoods -3.5 and -4.5; over 2 and 4 characters -1.75 and -1.125.
        assertThat(samples.get(0).measured())
                .containsEntry(Metric.ACC, 1.0)
                .containsEntry(Metric.ACC_NORM, 0.0)
                .containsEntry(Metric.ACC_BYTES, 0.0);
        // -2 and -1.5; the character é, -2 alone, has two bytes of -1.
        assertThat(samples.get(1).measured())
                .containsEntry(Metric.ACC, 0.0)
                .containsEntry(Metric.ACC_NORM, 0.0)
                .containsEntry(Metric.ACC_BYTES, 1.0);
        assertMeasured(result, Metric.ACC, 2.0 / 3, Math.sqrt(2.0 / 3 * 1 / 3 / 2));
        assertMeasured(result, Metric.ACC_NORM, 0, 0);
        assertMeasured(result, Metric.ACC_BYTES, 1.0 / 3, Math.sqrt(1.0 / 3 * 2 / 3 / 2));
    }

    @Test
    void winograndeScoresTheRestAfterEachName() throws IOException {
        write(
                "winogrande/validation.jsonl",
                "{\"sentence\": \"The ship passed _ in the bay.\", \"option1\": \"Ann\", \"option2\": \"Bob\","
                        + " \"answer\": \"2\"}");
        write(
                "winogrande/train.jsonl",
                "{\"sentence\": \"We saw _ go.\", \"option1\": \"him\", \"option2\": \"it\", \"answer\": \"2\"}",
                "{\"sentence\": \"We saw _ go.\", \"option1\": \"him\", \"option2\": \"it\", \"answer\": \"2\"}");
        TaskResult result = run("winogrande");
        assertThat(model.questions())
                .containsExactly("The ship passed Ann| in the bay.", "The ship passed Bob| in the bay.");
        // The stub finds both equally likely: of equals the first is taken, and the second was right.
        assertThat(value(result, Metric.ACC)).isZero();
        assertThat(result.measured()).hasSize(1);
        run(TaskRegistry.named("winogrande"), 1);
        assertThat(model.questions().get(2)).isEqualTo("We saw it go.\n\nThe ship passed Ann| in the bay.");
    }

    @Test
    void winograndeIsRightWhereTheRestIsLikelierAfterTheRightName() throws IOException {
        model.believeAfter("Bob");
        String sentence = """
            {"sentence": "We saw _ go.", "option1": "%s", "option2": "%s", "answer": "%d"}\
            """;
        write(
                "winogrande/validation.jsonl",
                sentence.formatted("Annabella", "Bob", 2),
                sentence.formatted("Annabella", "Bob", 1),
                sentence.formatted("Bob", "Annabella", 1),
                sentence.formatted("Annabella", "Bob", 2));
        TaskResult result = run("winogrande");
        assertThat(samples)
                .extracting(sample -> sample.measured().get(Metric.ACC))
                .containsExactly(1.0, 0.0, 1.0, 1.0);
        assertMeasured(result, Metric.ACC, 0.75, 0.25);
        // " go." alone: -0.5 - 2 - 1 - 2, and half of it where the model believes.
        assertThat(samples.getFirst().answers())
                .extracting(ScoredContinuation::logLikelihood)
                .containsExactly(-5.5, -2.75);
        assertThat(result.chance()).isEqualTo(0.5);
    }

    @Test
    void arcFindsTheAnswerByItsLabel() throws IOException {
        write(
                "arc_challenge/test.jsonl",
                "{\"question\": \"Which swims?\", \"choices\": {\"text\": [\"b\", \"a\", \"bb\"], \"label\": [\"1\","
                        + " \"2\", \"3\"]}, \"answerKey\": \"2\"}",
                "{\"question\": \"Which?\", \"choices\": {\"text\": [\"b\", \"a\", \"bb\", \"bbb\", \"aa\"], \"label\":"
                        + " [\"A\", \"B\", \"C\", \"D\", \"E\"]}, \"answerKey\": \"E\"}");
        TaskResult result = run("arc_challenge");
        assertThat(model.questions()).hasSize(8).startsWith("Question: Which swims?\nAnswer:| b");
        assertThat(value(result, Metric.ACC)).isEqualTo(0.5);
        // " a" has -1.5 for its one character, " aa" -2.5 for two.
        assertThat(value(result, Metric.ACC_NORM)).isEqualTo(1);
        assertThat(result.chance()).isCloseTo((1.0 / 3 + 1.0 / 5) / 2, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(strings = {"arc_easy", "arc_challenge"})
    void bothSetsOfArcHaveAllThreeMetrics(String task) throws IOException {
        write(task + "/test.jsonl", lines(gold -> """
            {"question": "b?", "choices": {"text": ["a", "aeiou", "é"], "label": ["1", "2", "3"]}, "answerKey": "%d"}\
            """.formatted(gold + 1)));
        TaskResult result = run(task);
        assertThat(result.name()).isEqualTo(task);
        assertThat(model.questions())
                .startsWith("Question: b?\nAnswer:| a", "Question: b?\nAnswer:| aeiou", "Question: b?\nAnswer:| é");
        assertEachMetricFindsItsOwn(result);
    }

    @Test
    void openBookQaHasAllThreeMetrics() throws IOException {
        write("openbookqa/test.jsonl", lines(gold -> """
            {"question_stem": "b", "choices": {"text": ["a", "aeiou", "é"], "label": ["A", "B", "C"]}, "answerKey": "%s"}\
            """.formatted("ABC".charAt(gold))));
        assertEachMetricFindsItsOwn(run("openbookqa"));
    }

    @Test
    void openBookQaIsTheStemAlone() throws IOException {
        write(
                "openbookqa/test.jsonl",
                "{\"question_stem\": \"The sun\", \"choices\": {\"text\": [\"a\", \"b\"], \"label\": [\"A\", \"B\"]},"
                        + " \"answerKey\": \" A\"}");
        assertThat(value(run("openbookqa"), Metric.ACC)).isEqualTo(1);
        assertThat(model.questions()).containsExactly("The sun| a", "The sun| b");
    }

    @Test
    void mmluListsTheChoicesAndAsksForALetter() throws IOException {
        write(
                "mmlu/high_school_physics/test.jsonl",
                "{\"question\": \" What falls? \", \"choices\": [\"a\", \"b\", \"c\", \"d\"], \"answer\": 0}");
        write(
                "mmlu/high_school_physics/dev.jsonl",
                "{\"question\": \"First\", \"choices\": [\"p\", \"q\", \"r\", \"s\"], \"answer\": 3}",
                "{\"question\": \"Second\", \"choices\": [\"p\", \"q\", \"r\", \"s\"], \"answer\": 1}");
        run(TaskRegistry.named("mmlu_high_school_physics"), 1);
        assertThat(model.questions().getFirst()).isEqualTo("""
            The following are multiple choice questions (with answers) about high school physics.

            First
            A. p
            B. q
            C. r
            D. s
            Answer: D

            What falls?
            A. a
            B. b
            C. c
            D. d
            Answer:| A\
            """);
        run(TaskRegistry.named("mmlu_high_school_physics_continuation"), 2);
        assertThat(model.questions().get(5)).isEqualTo("""
            The following are questions (with answers) about high school physics.

            Question: First
            Answer: s

            Question: Second
            Answer: q

            Question: What falls?
            Answer:| b\
            """);
    }

    @Test
    void mmluIsJudgedByTheLettersAndNotByTheChoices() throws IOException {
        String question = """
            {"question": "b?", "choices": ["a", "b", "bbb", "b"], "answer": %d}\
            """;
        // The model has a weakness for C; of the choices it would find the first likeliest.
        write(
                "mmlu/anatomy/test.jsonl",
                question.formatted(2),
                question.formatted(0),
                question.formatted(2),
                question.formatted(2));
        TaskResult result = run("mmlu_anatomy");
        assertThat(samples.getFirst().answers())
                .extracting(ScoredContinuation::logLikelihood)
                .containsExactly(-2.5, -2.5, -2.0, -2.5);
        assertThat(result.measured()).hasSize(1);
        assertMeasured(result, Metric.ACC, 0.75, 0.25);
        assertThat(result.chance()).isEqualTo(0.25);
    }

    @Test
    void mmluByContinuationHasAllThreeMetrics() throws IOException {
        write("mmlu/anatomy/test.jsonl", lines(gold -> """
            {"question": "b?", "choices": ["a", "aeiou", "é", "bbbb"], "answer": %d}\
            """.formatted(gold)));
        TaskResult result = run("mmlu_anatomy_continuation");
        assertEachMetricFindsItsOwn(result);
        assertThat(result.chance()).isEqualTo(0.25);
    }

    @ParameterizedTest
    @CsvSource({"mmlu_social_sciences, 2", "social sciences, 0"})
    void aFieldOfMmluIsTheMeanOverItsQuestions(String name, int right) throws IOException {
        TaskGroup field = (TaskGroup) TaskRegistry.named(name);
        Map<String, TaskResult> results = new HashMap<>();
        String question = """
            {"question": "b?", "choices": ["a", "aeiou", "é", "bbbb"], "answer": %d}\
            """;
        String hit = question.formatted(right);
        String miss = question.formatted(3);
        for (Task task : field.tasks()) {
            String file = ((TaskSource.Split) task.source()).folder() + "/test.jsonl";
            // One subject has four questions, all of them easy; the others have two, one of them too hard.
            if (results.isEmpty()) {
                write(file, hit, hit, hit, hit);
            } else {
                write(file, miss, hit);
            }
            results.put(task.name(), run(task, 0));
        }
        EvaluationReport report = new EvaluationReport(List.of(field), results, OptionalInt.empty());
        TaskResult group = report.groups().getFirst().result();
        assertThat(group.evaluated()).isEqualTo(4 + 11 * 2);
        assertThat(group.measured()).hasSize(1);
        // Eleven subjects with squared errors of 1/2 · 1/2; (2 - 1) · 1/4 · 2 each, pooled over 26 - 12 degrees of
        // freedom. The first has no error.
        assertMeasured(group, Metric.ACC, 15.0 / 26, Math.sqrt(11 * 0.5 / 14 / 26));
    }

    @Test
    void blimpIsRightWhereTheGoodSentenceIsLikelier() throws IOException {
        String pair = """
            {"sentence_good": "%s", "sentence_bad": "%s"}\
            """;
        // -0.5 - 4 and -0.5 - 5: over characters or bytes the second would be the better one.
        write(
                "blimp/adjunct_island.jsonl",
                pair.formatted("bb", "aeiou"),
                pair.formatted("aeiou", "bb"),
                pair.formatted("bb", "aeiou"),
                pair.formatted("bb", "aeiou"));
        TaskResult result = run("blimp_adjunct_island");
        assertThat(samples)
                .extracting(sample -> sample.measured().get(Metric.ACC))
                .containsExactly(1.0, 0.0, 1.0, 1.0);
        assertThat(result.measured()).hasSize(1);
        assertMeasured(result, Metric.ACC, 0.75, 0.25);
        assertThat(result.chance()).isEqualTo(0.5);
    }

    @Test
    void blimpComparesTwoSentencesWithoutContext() throws IOException {
        write(
                "blimp/adjunct_island.jsonl",
                "{\"sentence_good\": \"Ann sees.\", \"sentence_bad\": \"Ann see.\", \"UID\": \"adjunct_island\"}");
        TaskResult result = run(TaskRegistry.named("blimp_adjunct_island"), 5);
        assertThat(model.questions()).containsExactly("<|endoftext|>| Ann sees.", "<|endoftext|>| Ann see.");
        assertThat(value(result, Metric.ACC)).isZero();
        assertThat(result.shots())
                .as("BLiMP has no shots, whatever is asked for")
                .isZero();
    }

    @Test
    void questionsOfOnesOwnHaveThreeColumns() throws IOException {
        write(
                "own.jsonl",
                "{\"context\": \"Is it?\", \"choices\": [\"b\", \"a\"], \"answer\": 1}",
                "{\"context\": \"Was it?\", \"choices\": [\"b\", \"a\"], \"answer\": \"0\"}");
        Task task = TaskRegistry.multipleChoice(data.resolve("own.jsonl"));
        assertThat(task.name()).isEqualTo("own");
        assertThat(value(run(task, 1), Metric.ACC)).isEqualTo(0.5);
        assertThat(model.questions().getFirst()).isEqualTo("Was it? b\n\nIs it?| b");
        write("own.cloze.jsonl", "{\"context\": \"The\", \"target\": \"aei\"}");
        assertThat(value(run(TaskRegistry.cloze(data.resolve("own.cloze.jsonl")), 0), Metric.ACC))
                .isEqualTo(1);
        assertThat(model.questions().getLast()).isEqualTo("The| aei");
    }

    @Test
    void answersThatBeginWithASpaceGetNoSecondOne() throws IOException {
        write("own.jsonl", "{\"context\": \"Is it?\", \"choices\": [\" b\", \"\\na\"], \"answer\": 1}");
        run(TaskRegistry.multipleChoice(data.resolve("own.jsonl")), 0);
        assertThat(model.questions()).containsExactly("Is it?| b", "Is it?|\na");
        write("own.cloze.jsonl", "{\"context\": \"The\", \"target\": \" aei\"}");
        run(TaskRegistry.cloze(data.resolve("own.cloze.jsonl")), 0);
        assertThat(model.questions().getLast()).isEqualTo("The| aei");
        write("mixed.jsonl", "{\"context\": \"Is it?\", \"choices\": [\" b\", \"a\"], \"answer\": 1}");
        assertThatThrownBy(() -> run(TaskRegistry.multipleChoice(data.resolve("mixed.jsonl")), 0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("either all with a space at the beginning, or none of them");
    }
}
