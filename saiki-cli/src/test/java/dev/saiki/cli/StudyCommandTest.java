package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.io.DirectoryLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `saiki study` as called on the command line.
class StudyCommandTest {

    @TempDir
    private Path folder;

    private Path plan = Path.of("");
    private Path out = Path.of("");

    @BeforeEach
    void writePlan() {
        Workbench.write(folder.resolve("recipe.yaml"), Workbench.RECIPE);
        String text = IntStream.range(0, 240)
                .mapToObj(day -> "On day " + day + " the captain saw " + day * day + " whales.\n")
                .collect(Collectors.joining());
        Workbench.write(folder.resolve("text.txt"), text);
        plan = folder.resolve("plan.yaml");
        out = folder.resolve("study");
        Workbench.write(plan, """
                name: two learning rates
                data: {corpus: [text.txt], piece_characters: 300, vocab_size: 280, validation_fraction: 0.3}
                sizes: {one: {}}
                families:
                  slow: {recipe: recipe.yaml, learning_rate: 1e-4}
                  fast: {recipe: recipe.yaml, learning_rate: 1e-2}
                budgets: [3e7]
                seeds: [0, 1]
                evaluation: {rows: 10, resamples: 100}
                """);
    }

    @Test
    void aStudyEndsWithATableAndGoesOnToNothingMore() throws IOException {
        CommandRun first = CommandRun.of("study", "--plan", plan, "--out", out).succeeds();
        assertThat(first.out()).contains("fast against slow: ", "report       " + out.resolve("report.html"));
        assertThat(first.err()).contains("measuring fast-one-3e7-s1", "4 of 4 runs");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("two learning rates", "fast-one-3e7-s1", "Every run");
        CommandRun second =
                CommandRun.of("study", "--plan", plan, "--out", out, "--json").succeeds();
        JsonNode json = second.json();
        assertThat(json.path("runs").size()).isEqualTo(4);
        assertThat(json.path("comparisons").path(0).path("family").asString()).isEqualTo("fast");
        assertThat(second.err()).doesNotContain("step ");
        assertThat(second.out()).isEqualTo(Files.readString(out.resolve("study.json")));
        CommandRun dry = CommandRun.of("study", "--plan", plan, "--out", out, "--dry-run")
                .succeeds();
        assertThat(dry.out()).contains("4 runs, 4 of them done, about 0 s of training");
        assertThat(dry.out().lines().filter(line -> line.strip().endsWith("done")))
                .hasSize(4);
    }

    @Test
    void theFolderKeepsAPlanThatRepeatsItAnywhere() throws IOException {
        CommandRun.of("study", "--plan", plan, "--out", out).succeeds();
        Path kept = out.resolve("plan.yaml");
        assertThat(Files.readString(kept))
                .contains(folder.resolve("text.txt") + "", folder.resolve("recipe.yaml") + "");
        assertThat(Files.readString(out.resolve("report.html"))).contains("./saiki study --plan " + kept + " --out");
        String before = Files.readString(out.resolve("study.json")).replaceAll("\"updated\".*", "");
        CommandRun again = CommandRun.of("study", "--plan", kept, "--out", out).succeeds();
        assertThat(again.err()).doesNotContain("measuring");
        assertThat(Files.readString(out.resolve("study.json")).replaceAll("\"updated\".*", ""))
                .isEqualTo(before);
        Files.writeString(kept, "# mine\n" + Files.readString(plan));
        CommandRun.of("study", "--plan", plan, "--out", out).succeeds();
        assertThat(Files.readString(kept)).startsWith("# mine");
    }

    @Test
    void mistakesNameTheKeyOfThePlan() throws IOException {
        Path wrong = folder.resolve("wrong.yaml");
        String good = Files.readString(plan);
        refuses(wrong, good.replace("text.txt", "texts.txt"), "data.corpus of the plan: ", "texts.txt: no such file");
        refuses(
                wrong,
                good.replace("sizes: {one: {}}", "base: no-base").replace(", vocab_size: 280", ""),
                "base of the plan: ",
                "no-base: no such folder");
        refuses(
                wrong,
                good.replace("learning_rate: 1e-2}", "learning_rate: 1e-2, settings: {model.hidden_sise: 8}}"),
                "families.fast of the plan: ",
                "hidden_sise is not a known key");
    }

    private void refuses(Path file, String text, String... messages) {
        Workbench.write(file, text);
        CommandRun refused = CommandRun.of("study", "--plan", file, "--out", out);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains(messages);
    }

    @Test
    void aDryRunListsTheRunsAndWritesNothing() {
        CommandRun run = CommandRun.of("study", "--plan", plan, "--out", out, "--dry-run")
                .succeeds();
        assertThat(run.out())
                .contains(
                        "slow-one-3e7-s0",
                        "fast-one-3e7-s1",
                        "4 runs, about",
                        "Evaluations take additional time, possibly more than training: up to 10 rows in each");
        assertThat(out).doesNotExist();
    }

    @Test
    void wrongUseIsALineForEachMistakeAndExitCodeTwo() throws IOException {
        CommandRun.of("study", "--out", out).isRefused("--plan");
        CommandRun.of("study", "--plan", folder.resolve("none.yaml"), "--out", out)
                .isRefused("none.yaml: no such plan");
        Path wrong = folder.resolve("wrong.yaml");
        Workbench.write(wrong, Files.readString(plan).replace("budgets:", "budget:"));
        CommandRun twice = CommandRun.of("study", "--plan", wrong, "--out", out);
        assertThat(twice.exitCode()).isEqualTo(2);
        assertThat(twice.err())
                .contains("wrong.yaml: 2 problems", "- budgets must be", "- unknown key budget; did you mean budgets?");
        Workbench.write(wrong, Files.readString(plan).replace("fast: {recipe: recipe.yaml", "fast: {recipe: small-x"));
        CommandRun.of("study", "--plan", wrong, "--out", out)
                .isRefused("families.fast of the plan: no built-in recipe small-x");
        assertThat(out).doesNotExist();
        try (DirectoryLock _ = DirectoryLock.acquire(out)) {
            CommandRun.of("study", "--plan", plan, "--out", out).isRefused("another run is writing into this folder");
        }
    }
}
