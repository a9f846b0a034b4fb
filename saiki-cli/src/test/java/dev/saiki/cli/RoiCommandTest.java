package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
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
                        .at("/steps/6/name")
                        .asString())
                .isEqualTo("retired");
        assertThat(CommandRun.of("roi", "--plan", PLAN, "--language", "ja")
                        .succeeds()
                        .out())
                .contains("切り替え", "段階");
    }

    @Test
    void aPlanWithoutItsErrorCostsIsRefusedInOneMessageThatNamesThem() throws IOException {
        String complete = Files.readString(PLAN);
        Path plan =
                Files.writeString(folder.resolve("plan.yaml"), complete.replaceAll("(?m)^  (error|error_rate):.*", ""));
        CommandRun run = CommandRun.of("roi", "--plan", plan);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("3 problems")
                .contains("prices.error must be stated, even if it is 0: Cost of a wrong answer")
                .contains("today.error_rate must be stated, even if it is 0: Today: share of wrong answers")
                .contains("candidate.error_rate must be stated, even if it is 0: Candidate: share of wrong answers");
        Files.writeString(plan, complete.replaceAll("  error:.*", "  error: 0").replaceAll("  error_rate:.*", ""));
        CommandRun.of("roi", "--plan", plan).succeeds();
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        CommandRun.of("roi", "--plan", folder.resolve("none.yaml")).isRefused("none.yaml");
        CommandRun.of("roi", "--plan", PLAN, "--out", folder.resolve("roi.doc"))
                .isRefused("the extension must be .html, .json or .csv");
        CommandRun.of("roi", "--plan", PLAN, "--lang", "de").isRefused("must be one of en, ja, got de");
    }
}
