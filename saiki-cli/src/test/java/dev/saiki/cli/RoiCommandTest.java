package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoiCommandTest {

    private static final Path PLAN = Path.of("../examples/roi.yaml");

    @TempDir
    private Path folder;

    @Test
    void theExampleIsReckonedInEveryForm() {
        Path page = folder.resolve("roi.html");
        Path numbers = folder.resolve("roi.json");
        Path months = folder.resolve("roi.csv");
        CommandRun run = CommandRun.of("roi", "--plan", PLAN, "--out", page, numbers, months)
                .succeeds();
        assertThat(run.out())
                .contains("shadow", "canary", "certified", "Saving", "EUR", "at most", "of 10000 draws", "(seed 1)");
        assertThat(page).content().contains("support-desk", "<svg");
        assertThat(numbers).content().contains("\"break_even_month\"");
        assertThat(months).content().startsWith("month,staying,changing,saved_so_far\n1,");
        assertThat(CommandRun.of("roi", "--plan", PLAN, "--json")
                        .succeeds()
                        .json()
                        .at("/steps/5/name")
                        .asString())
                .isEqualTo("full");
        assertThat(CommandRun.of("roi", "--plan", PLAN, "--language", "ja")
                        .succeeds()
                        .out())
                .contains("切り替え", "段階");
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        CommandRun.of("roi", "--plan", folder.resolve("none.yaml")).isRefused("none.yaml");
        CommandRun.of("roi", "--plan", PLAN, "--out", folder.resolve("roi.doc"))
                .isRefused("the extension must be .html, .json or .csv");
        CommandRun.of("roi", "--plan", PLAN, "--lang", "de").isRefused("must be one of en, ja, got de");
    }
}
