package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class AuditConsistencyCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Path model = Path.of("");
    private static Path prompts = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        model = Workbench.in(folder).model();
        prompts = folder.resolve("ways.jsonl");
        StringBuilder lines = new StringBuilder();
        List<String> items = List.of("sea", "whale", "captain", "pride", "union", "state");
        for (String item : items) {
            lines.append("{\"item\":\"" + item + "\",\"group\":\"plain\",\"prompt\":\"the " + item + "\"}\n");
            lines.append("{\"item\":\"" + item
                    + "\",\"group\":\"loud\",\"messages\":[{\"role\":\"user\",\"content\":\"THE " + item + "!\"}]}\n");
        }
        Workbench.write(prompts, lines.toString());
    }

    @Test
    void groupsAreComparedAndExamplesShown() {
        Path out = folder.resolve("consistency.json");
        CommandRun run = CommandRun.of(
                        "audit", "consistency", "--model", model, "--prompts", prompts, "--max-tokens", 4, "--out", out)
                .succeeds();
        assertThat(run.out())
                .contains("plain", "loud", "depth depends on the group: ", "by permutation within items", "answer: ")
                .contains("depth: ₁ ₂ ₃");
        assertThat(out).content().contains("\"p_value_of_depth\"");
        JsonNode audit = CommandRun.of(
                        "audit", "consistency", "--model", model, "--prompts", prompts, "--max-tokens", 4, "--json")
                .succeeds()
                .json();
        assertThat(audit.at("/groups")).hasSize(2);
        assertThat(audit.at("/examples/0")).hasSize(2);
        assertThat(audit.at("/examples/0/0/tokens/0/depth").asInt()).isBetween(1, 3);
        assertThat(audit.at("/groups/0/depth/mean").asDouble()).isBetween(1.0, 3.0);
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        CommandRun.of("audit", "consistency", "--model", model, "--prompts", folder.resolve("none.jsonl"))
                .isRefused("none.jsonl: no such file");
        CommandRun.of("audit", "consistency", "--model", model, "--prompts", prompts, "--max-tokens", 0)
                .isRefused("--max-tokens must be at least 1");
        CommandRun.of("audit", "consistency", "--model", model, "--prompts", prompts, "--effort", 0.5)
                .isRefused("effort is for models with expert_threshold routing");
    }
}
