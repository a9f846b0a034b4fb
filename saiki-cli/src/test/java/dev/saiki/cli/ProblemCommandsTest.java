package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The whole way of a problem: written, prepared, trained on and evaluated.
class ProblemCommandsTest {

    @TempDir
    static Path folder = Path.of("");

    private static Path problems = Path.of("");
    private static Path run = Path.of("");

    @BeforeAll
    static void trainOnProblems() {
        problems = folder.resolve("problems");
        CommandRun written = CommandRun.of(
                        "data",
                        "problems",
                        "--families",
                        "ball,expression",
                        "--hardest",
                        4,
                        "--longest",
                        6,
                        "--documents",
                        60,
                        "--per-level",
                        5,
                        "--out",
                        problems)
                .succeeds();
        assertThat(written.out()).contains("problems.jsonl", "held-out.jsonl", "longer.jsonl");
        Path tokenizer = folder.resolve("tokenizer.json");
        Path text = problems.resolve("train");
        CommandRun.of("tokenizer", "train", "--corpus", text, "--vocab-size", 257, "--out", tokenizer)
                .succeeds();
        Path data = folder.resolve("data");
        CommandRun.of("data", "prepare", "--corpus", text, "--tokenizer", tokenizer, "--out", data)
                .succeeds();
        Path recipe = folder.resolve("recipe.yaml");
        Workbench.write(recipe, Workbench.RECIPE.replace("vocab_size: 280", "vocab_size: 257"));
        run = folder.resolve("run");
        CommandRun.of(
                        "train",
                        "--recipe",
                        recipe,
                        "--set",
                        "data.dataset=" + data,
                        "data.target_weights.others=0",
                        "--out",
                        run)
                .succeeds();
    }

    @Test
    void accuracyIsGivenByDifficultyAndDepth() {
        CommandRun evaluated = CommandRun.of(
                        "eval", "problems", "--model", run, "--problems", problems.resolve("held-out.jsonl"))
                .succeeds();
        assertThat(evaluated.out())
                .contains(
                        "All settings",
                        "% right",
                        "default",
                        "depth 1",
                        "depth 3",
                        "depth elsewhere",
                        "of the answers are right at the default");
        JsonNode results = CommandRun.of(
                        "eval",
                        "problems",
                        "--model",
                        run,
                        "--problems",
                        problems.resolve("longer.jsonl"),
                        "--depths",
                        "2",
                        "--json")
                .succeeds()
                .json();
        assertThat(results).hasSize(2);
        assertThat(results.get(1).get("setting").asString()).isEqualTo("depth 2");
        assertThat(StreamSupport.stream(results.get(0).get("levels").spliterator(), false)
                        .map(level -> level.get("difficulty").asInt()))
                .containsExactly(5, 6);
        assertThat(results.get(0).get("levels").get(0).get("answers").asInt()).isEqualTo(5);
    }

    @Test
    void thePageHasAChartAndATable() throws IOException {
        Path page = folder.resolve("page.html");
        CommandRun.of(
                        "eval",
                        "problems",
                        "--model",
                        run,
                        "--problems",
                        problems.resolve("held-out.jsonl"),
                        "--page",
                        page)
                .succeeds();
        assertThat(Files.readString(page))
                .contains("<svg", "Accuracy by difficulty", "depth 3", "of the answers are right at the default");
    }

    @Test
    void theRecipeOfTheRunKeepsTheWeights() throws IOException {
        assertThat(Files.readString(run.resolve("recipe.resolved.yaml"))).contains("target_weights", "others: 0");
    }

    @Test
    void wrongInputIsRefused() {
        CommandRun.of("data", "problems", "--out", problems).isRefused("not empty");
        CommandRun.of("data", "problems", "--families", "chess", "--out", folder.resolve("a"))
                .isRefused("--families", "chess");
        CommandRun.of("data", "problems", "--longest", 99, "--out", folder.resolve("a"))
                .isRefused("ball", "99");
        CommandRun.of("data", "problems", "--share", 1, "--out", folder.resolve("a"))
                .isRefused("--share");
        CommandRun.of("data", "problems", "--names", folder.resolve("nowhere"), "--out", folder.resolve("a"))
                .isRefused("nowhere");
        Path plain = folder.resolve("plain.jsonl");
        Workbench.write(plain, "{\"text\": \"no answers here\"}\n");
        CommandRun.of("eval", "problems", "--model", run, "--problems", plain).isRefused("marked answers");
        Path wrong = folder.resolve("wrong.jsonl");
        Workbench.write(wrong, """
                {"text": "abc", "marked_answers": [{"start": 2, "end": 9, "difficulty": 1}]}
                """);
        CommandRun.of("eval", "problems", "--model", run, "--problems", wrong).isRefused("wrong.jsonl:1", "2 to 9");
    }
}
