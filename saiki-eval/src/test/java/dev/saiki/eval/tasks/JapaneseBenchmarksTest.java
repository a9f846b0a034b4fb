package dev.saiki.eval.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Prompts and scores of the Japanese benchmarks; of what the stub model finds likely, {@link StubModel} tells.
class JapaneseBenchmarksTest {

    @TempDir
    private Path data;

    private final StubModel model = new StubModel();

    private void write(String file, String... lines) throws IOException {
        Path path = data.resolve(file);
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.write(path, List.of(lines));
    }

    private TaskResult run(String task, int shots) {
        EvaluationOptions options =
                new EvaluationOptions(Optional.of(data), shots, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        return new Evaluation(model.evaluated(), options, _ -> {}).run((Task) TaskRegistry.named(task));
    }

    private static double accuracy(TaskResult result) {
        return result.find(Metric.ACC).orElseThrow().value();
    }

    @Test
    void jCommonsenseQaHasItsChoicesInAnInstructionAndItsAnswerOnALineOfItsOwn() throws IOException {
        String row = """
            {"question": "%s", "choice0": "bb", "choice1": "a", "choice2": "bbb", "choice3": "b b", "choice4": "CC", "label": %d}\
            """;
        write("jglue/jcommonsenseqa-validation.jsonl", row.formatted("春の次は？", 1), row.formatted("夏の次は？", 0));
        write("jglue/jcommonsenseqa-train.jsonl", row.formatted("秋の次は？", 2), row.formatted("秋の次は？", 2));
        TaskResult result = run("ja_leaderboard_jcommonsenseqa", 0);
        String instruction = "以下は、タスクを説明する指示と、文脈のある入力の組み合わせです。要求を適切に満たす応答を書きなさい。\n\n";
        String question = "### 指示：\n出力は以下から選択してください：\n- bb\n- a\n- bbb\n- b b\n- CC\n\n### 入力：\n%s\n\n### 応答：";
        assertThat(model.questions()).hasSize(10).startsWith(instruction + question.formatted("春の次は？") + "|\nbb");
        assertThat(result.measured()).extracting(MetricValue::metric).containsExactly(Metric.ACC);
        assertThat(accuracy(result)).isEqualTo(0.5);
        assertThat(result.chance()).isEqualTo(0.2);
        run("ja_leaderboard_jcommonsenseqa", 1);
        assertThat(model.questions().getLast())
                .isEqualTo(instruction + question.formatted("秋の次は？") + "\nbbb\n\n" + question.formatted("夏の次は？")
                        + "|\nCC");
    }

    @Test
    void jBlimpPutsNoSpaceBeforeASentence() throws IOException {
        write("jblimp/validated.jsonl", "{\"sentence_good\": \"猫が鳴く。\", \"sentence_bad\": \"猫が鳴くを。\"}");
        assertThat(accuracy(run("jblimp", 3))).isEqualTo(1);
        assertThat(model.questions()).containsExactly("<|endoftext|>|猫が鳴く。", "<|endoftext|>|猫が鳴くを。");
    }
}
