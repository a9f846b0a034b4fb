package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Prompts and scores of every benchmark, against what its rules give by hand. The stub model finds a vowel worth -1, a
/// space -0.5, another letter -2.
class BenchmarksTest {

    @TempDir
    private Path data;

    private final StubModel model = new StubModel();
    private final List<Sample> samples = new ArrayList<>();

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
        return run(TaskCatalogue.named(task), 0);
    }

    private static double value(TaskResult result, Metric metric) {
        return result.find(metric).orElseThrow().value();
    }

    /// Fails unless the task refuses its data in these words.
    private void assertRefused(String task, String message) {
        assertThatThrownBy(() -> run(task)).isInstanceOf(InputException.class).hasMessage(data + "/" + message);
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
        run(TaskCatalogue.named("lambada_openai"), 1);
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
    void hellaswagsCleaningIsThatOfPython() {
        String raw = " [header] How to sail [title] Find a boat. [step] Look   around [a\nb] [x]\u2028[y\u2028z] ";
        assertThat(Benchmarks.cleaned(raw)).isEqualTo(" How to sail. Find a boat. Look  around [a\nb] \u2028");
    }

    @Test
    void piqaAsksForTheSolution() throws IOException {
        write(
                "piqa/validation.jsonl",
                "{\"goal\": \"To sail\", \"sol1\": \"go\", \"sol2\": \"ioio\", \"label\": 0}",
                "{\"goal\": \"To sail\", \"sol1\": \"é\", \"sol2\": \"a\", \"label\": 0}");
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
        assertThat(value(result, Metric.ACC)).isEqualTo(0.5);
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
        run(TaskCatalogue.named("winogrande"), 1);
        assertThat(model.questions().get(2)).isEqualTo("We saw it go.\n\nThe ship passed Ann| in the bay.");
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
        run(TaskCatalogue.named("mmlu_high_school_physics"), 1);
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
                        Answer:| A""");
        run(TaskCatalogue.named("mmlu_high_school_physics_continuation"), 2);
        assertThat(model.questions().get(5)).isEqualTo("""
                        The following are questions (with answers) about high school physics.

                        Question: First
                        Answer: s

                        Question: Second
                        Answer: q

                        Question: What falls?
                        Answer:| b""");
    }

    @Test
    void blimpComparesTwoSentencesWithoutContext() throws IOException {
        write(
                "blimp/adjunct_island.jsonl",
                "{\"sentence_good\": \"Ann sees.\", \"sentence_bad\": \"Ann see.\", \"UID\": \"adjunct_island\"}");
        TaskResult result = run(TaskCatalogue.named("blimp_adjunct_island"), 5);
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
        Task task = TaskCatalogue.multipleChoice(data.resolve("own.jsonl"));
        assertThat(task.name()).isEqualTo("own");
        assertThat(value(run(task, 1), Metric.ACC)).isEqualTo(0.5);
        assertThat(model.questions().getFirst()).isEqualTo("Was it? b\n\nIs it?| b");
        write("own.cloze.jsonl", "{\"context\": \"The\", \"target\": \"aei\"}");
        assertThat(value(run(TaskCatalogue.cloze(data.resolve("own.cloze.jsonl")), 0), Metric.ACC))
                .isEqualTo(1);
        assertThat(model.questions().getLast()).isEqualTo("The| aei");
    }

    @Test
    void wrongDataAreNamedWithTheirPlace() throws IOException {
        assertThatThrownBy(() -> run("piqa"))
                .isInstanceOf(InputException.class)
                .hasMessage(data.resolve("piqa")
                        + ": no file validation with the ending .jsonl, .jsonl.gz, .jsonl.zst, .parquet");
        write("piqa/validation.jsonl", "");
        assertRefused("piqa", "piqa/validation.jsonl: there are no rows; at least one document is needed");
        write("piqa/validation.jsonl", "{\"goal\": \"x\", \"sol1\": \"a\", \"sol\": \"b\", \"label\": 1}");
        assertRefused("piqa", "piqa/validation.jsonl:1: no column 'sol2'; did you mean sol, sol1?");
        write("piqa/validation.jsonl", "{\"goal\": \"x\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 2}");
        assertRefused("piqa", "piqa/validation.jsonl:1: column 'label' must be from 0 to 1, got 2");
        write("piqa/validation.jsonl", "{\"goal\": \"x\", \"sol1\": \"a\", \"sol2\": \"\", \"label\": 1}");
        assertRefused("piqa", "piqa/validation.jsonl:1: the choices must be at least 2, none of them empty, got [a, ]");
        write(
                "winogrande/validation.jsonl",
                "{\"sentence\": \"no gap\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"1\"}");
        assertRefused(
                "winogrande",
                "winogrande/validation.jsonl:1: column 'sentence' must be a text with a _, got none in it");
        write(
                "winogrande/validation.jsonl",
                "{\"sentence\": \"a _\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"\"}");
        assertRefused(
                "winogrande",
                "winogrande/validation.jsonl:1: column 'answer' must be a whole number, got the text \"\"");
        write(
                "arc_easy/test.jsonl",
                "{\"question\": \"q\", \"choices\": {\"text\": [\"a\", \"b\"], \"label\": [\"A\", \"B\"]},"
                        + " \"answerKey\": \"C\"}");
        assertRefused(
                "arc_easy",
                "arc_easy/test.jsonl:1: column 'answerKey' must be one of [A, B], one label for each choice, got C");
        write("mmlu/anatomy/test.jsonl", "{\"question\": \"q\", \"choices\": [\"a\", \"b\", \"c\"], \"answer\": 0}");
        assertRefused(
                "mmlu_anatomy", "mmlu/anatomy/test.jsonl:1: column 'choices' must be a list of 4 texts, got 3 of them");
    }

    @Test
    void unknownTasksComeWithASuggestion() {
        assertThatThrownBy(() -> TaskCatalogue.named("helaswag"))
                .isInstanceOf(InputException.class)
                .hasMessage("--tasks: there is no task 'helaswag'; did you mean hellaswag?");
        assertThatThrownBy(() -> TaskCatalogue.named("wholly-unknown-thing"))
                .hasMessage(
                        "--tasks: there is no task 'wholly-unknown-thing'; known are arc_challenge, arc_easy, blimp,"
                                + " hellaswag, lambada_openai, mmlu, mmlu_continuation, openbookqa, piqa, winogrande");
    }

    @Test
    void theCatalogueHasAllSubjectsAndSets() {
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu")).tasks()).hasSize(57);
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu_stem")).tasks()).hasSize(19);
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu_other")).tasks()).hasSize(13);
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu_social_sciences")).tasks())
                .hasSize(12);
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu_humanities")).tasks()).hasSize(13);
        assertThat(((TaskGroup) TaskCatalogue.named("mmlu_continuation")).tasks())
                .hasSize(57);
        assertThat(((TaskGroup) TaskCatalogue.named("blimp")).tasks()).hasSize(67);
    }

    @Test
    void twoTasksOfOneNameAreRefused() {
        Suite task = TaskCatalogue.named("piqa");
        assertThatThrownBy(() -> TaskCatalogue.requireDistinct(List.of(task, task)))
                .isInstanceOf(InputException.class)
                .hasMessage("two tasks have the name 'piqa'; each must have its own");
    }
}
