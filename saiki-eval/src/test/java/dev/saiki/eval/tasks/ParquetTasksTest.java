package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tasks read from Parquet files in the form of Hugging Face: the same prompts and scores as from JSON Lines.
/// Each of the answers `a`, `aeiou` and `é` is best by one of the three metrics; {@link BenchmarksTest}
/// explains why.
class ParquetTasksTest {

    private static final String ARC = """
        {"id": "Mercury_1", "question": "b?", "choices": {"text": ["a", "aeiou", "é"], "label": ["A", "B", "C"]}, \
        "answerKey": "ABC"}\
        """;
    private static final String HELLASWAG = """
        {"activity_label": "b", "ctx_a": "b", "ctx_b": "b", "endings": ["[xxxxx]a", "aeiou", "é"], "label": "012"}\
        """;
    private static final String MMLU = """
        {"question": "b?", "choices": ["a", "aeiou", "é", "bbbb"], "answer": 012}\
        """;

    @TempDir
    private Path data;

    private Path split(String folder, String file) throws IOException {
        return Files.createDirectories(data.resolve(folder)).resolve(file);
    }

    /// A task's result, the model's inputs, and the scores of each document.
    private record Run(TaskResult result, List<String> questions, List<Object> measured) {}

    private Run run(String task) {
        StubModel model = new StubModel();
        List<Object> measured = new ArrayList<>();
        EvaluationOptions options =
                new EvaluationOptions(Optional.of(data), 0, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        TaskResult result = new Evaluation(model.evaluated(), options, sample -> measured.add(sample.measured()))
                .run((Task) TaskRegistry.named(task));
        return new Run(result, model.questions(), measured);
    }

    @ParameterizedTest
    @CsvSource({
        "arc_easy, arc_easy, test, arc.parquet",
        "arc_challenge, arc_challenge, test, arc.parquet",
        "hellaswag, hellaswag, validation, hellaswag.parquet",
        "mmlu_anatomy_continuation, mmlu/anatomy, test, mmlu.parquet",
    })
    void parquetAndJsonLinesScoreTheSame(String task, String folder, String split, String resource) throws IOException {
        String line = resource.equals("arc.parquet") ? ARC : resource.equals("mmlu.parquet") ? MMLU : HELLASWAG;
        String answers = line.contains("ABC") ? "ABC" : "012";
        Path lines = split(folder, split + ".jsonl");
        Files.writeString(
                lines,
                IntStream.of(0, 1, 0, 2, 1, 0)
                        .mapToObj(gold -> line.replace(answers, answers.substring(gold, gold + 1)))
                        .collect(Collectors.joining("\n")));
        Run expected = run(task);
        Files.delete(lines);
        try (InputStream input = Objects.requireNonNull(getClass().getResourceAsStream(resource))) {
            Files.copy(input, split(folder, split + "-00000-of-00001.parquet"));
        }
        Run read = run(task);
        assertThat(read).isEqualTo(expected);
        assertThat(Arrays.asList(1.0 / 2, 1.0 / 3, 1.0 / 6))
                .containsExactlyElementsOf(read.result().measured().stream()
                        .map(MetricValue::value)
                        .toList());
    }
}
