package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskRegistryTest {

    @TempDir
    private Path data;

    private void write(String file, String... lines) throws IOException {
        Path path = data.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.write(path, List.of(lines));
    }

    private TaskResult run(String task) {
        EvaluationOptions options =
                new EvaluationOptions(Optional.of(data), 0, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        return new Evaluation(new StubModel().evaluated(), options, _ -> {}).run((Task) TaskRegistry.named(task));
    }

    /// Fails unless the task refuses its data with this message.
    private void assertRefused(String task, String message) {
        assertThatThrownBy(() -> run(task)).isInstanceOf(InputException.class).hasMessage(data + "/" + message);
    }

    @Test
    void wrongDataAreNamedWithTheirPlace() throws IOException {
        assertThatThrownBy(() -> run("piqa"))
                .isInstanceOf(InputException.class)
                .hasMessage(data.resolve("piqa")
                        + ": no file validation with an ending of .jsonl, .jsonl.gz, .jsonl.zst, .parquet");
        write("piqa/validation.jsonl", "");
        assertRefused("piqa", "piqa/validation.jsonl: must have at least one row, got none");
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
                "winogrande/validation.jsonl:1: column 'sentence' must be a string with a _, got none in it");
        write(
                "winogrande/validation.jsonl",
                "{\"sentence\": \"a _\", \"option1\": \"a\", \"option2\": \"b\", \"answer\": \"\"}");
        assertRefused(
                "winogrande",
                "winogrande/validation.jsonl:1: column 'answer' must be a whole number, got the string \"\"");
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
        assertThatThrownBy(() -> TaskRegistry.named("helaswag"))
                .isInstanceOf(InputException.class)
                .hasMessage("--tasks: there is no task 'helaswag'; did you mean hellaswag?");
        assertThatThrownBy(() -> TaskRegistry.named("wholly-unknown-thing"))
                .hasMessage(
                        "--tasks: there is no task 'wholly-unknown-thing'; known are arc_challenge, arc_easy, blimp,"
                                + " hellaswag, ja_leaderboard_jcommonsenseqa, jblimp, lambada_openai, mmlu, mmlu_continuation, openbookqa, piqa, winogrande");
    }

    @Test
    void theCatalogueHasAllSubjectsAndSets() {
        assertThat(((TaskGroup) TaskRegistry.named("mmlu")).tasks()).hasSize(57);
        assertThat(((TaskGroup) TaskRegistry.named("mmlu_stem")).tasks()).hasSize(19);
        assertThat(((TaskGroup) TaskRegistry.named("mmlu_other")).tasks()).hasSize(13);
        assertThat(((TaskGroup) TaskRegistry.named("mmlu_social_sciences")).tasks())
                .hasSize(12);
        assertThat(((TaskGroup) TaskRegistry.named("mmlu_humanities")).tasks()).hasSize(13);
        assertThat(((TaskGroup) TaskRegistry.named("mmlu_continuation")).tasks())
                .hasSize(57);
        assertThat(((TaskGroup) TaskRegistry.named("blimp")).tasks()).hasSize(67);
    }

    @Test
    void twoTasksOfOneNameAreRefused() {
        Suite task = TaskRegistry.named("piqa");
        assertThatThrownBy(() -> TaskRegistry.requireDistinct(List.of(task, task)))
                .isInstanceOf(InputException.class)
                .hasMessage("two tasks have the name 'piqa'; each must have its own");
    }
}
