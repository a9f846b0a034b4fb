package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.eval.RecordJson;
import dev.saiki.io.InputException;
import dev.saiki.report.MarkdownReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportInputTest {

    private static final String SPEED =
            "{\"measure\":\"decode\",\"model\":\"elsewhere/runs/%s/last\",\"weights\":\"float32\","
                    + "\"sequences\":8,\"prompt_tokens\":64,\"tokens\":128,\"rounds\":3,\"weight_bytes\":1,"
                    + "\"tokens_per_second\":{\"median\":%d,\"least\":%d,\"most\":%d}}%n";

    private static final String SCORES = "{\"results\":{\"piqa\":{\"alias\":\"piqa\",\"acc,none\":0.5125,"
            + "\"acc_stderr,none\":0.01}},\"model_source\":\"saiki\",\"model_name\":\"runs/<mor>/last\","
            + "\"saiki\":{\"routing\":\"causal\",\"spent\":{\"piqa\":{\"mean_depth\":1.5,\"chance\":0.5}}}}";

    private static final String DIAL =
            "{\"model\":\"runs/mor-large-0/last\",\"calibration\":{},\"test\":{},\"points\":["
                    + "{\"kind\":\"full_depth\",\"nll\":4.5,\"flops_per_token\":1.3e7},"
                    + "{\"kind\":\"early_exit\",\"nll\":4.6,\"flops_per_token\":1.0e7}]}";

    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void writeStudy() throws IOException {
        Files.writeString(
                folder.resolve("study.json"),
                RecordJson.MAPPER.writeValueAsString(SampleFindings.results(1, -0.04, 0.01)));
    }

    private String markdown(Path... named) throws IOException {
        return MarkdownReport.write(
                ReportInput.read(folder, List.of(named), true, warnings::add).report(ReportOptions.DEFAULT));
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void measurementsBesideTheResultsAreFound() throws IOException {
        write(
                "speeds.jsonl",
                SPEED.formatted("vanilla-large-0", 100, 90, 110) + SPEED.formatted("mor-large-0", 150, 140, 160));
        write("scores.json", SCORES);
        write("dial.json", DIAL);
        write("notes.json", "{\"a\": 1}");
        write("broken.json", "{");
        Files.write(folder.resolve("binary.json"), new byte[] {-1, -2, 0});
        assertThat(markdown())
                .contains("by measurement, this model generates faster: 150 tokens a second against 100.")
                .contains("| mor, early exit | 10.0 M | 4.600 |")
                .contains("| piqa | acc | 0.5125 | 0.0100 | 0.5000 | 1.50 | – |");
    }

    @Test
    void aStudyNamesThePlanInItsFolder() throws IOException {
        assertThat(markdown()).contains("The study (name its plan)", "./saiki study --plan plan.yaml --out");
        Path plan = write("plan.yaml", "name: a study");
        assertThat(markdown())
                .contains("./saiki study --plan " + plan + " --out")
                .doesNotContain("name its plan");
    }

    @Test
    void comparisonsOfSingleTrainingsAreNotJudged() throws IOException {
        Path results = folder.resolve("study.json");
        assertThat(markdown()).contains("| not told apart |").doesNotContain("not judged");
        write("study.json", Files.readString(results).replaceAll("\"seed_error\":[^,]*", "\"seed_error\":null"));
        assertThat(markdown()).contains("| not judged: one seed |").doesNotContain("| not told apart |");
    }

    @Test
    void measurementsElsewhereCanBeNamed(@TempDir Path elsewhere) throws IOException {
        Path file = Files.writeString(elsewhere.resolve("mine"), SCORES);
        assertThat(markdown(file)).contains("Benchmarks of runs/\\<mor\\>/last");
    }

    @Test
    void aModelThatIsGoneIsNotAskedAndThatIsSaid() throws IOException {
        assertThat(markdown()).doesNotContain("spends its depth");
        assertThat(warnings).hasSize(1);
        assertThat(warnings.getFirst()).startsWith("the predictions at each depth are omitted: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1}", "{", "", "[1, 2]", "text"})
    void aNamedFileThatIsNoMeasurementIsRefused(String content) throws IOException {
        Path file = write("other", content);
        assertThatThrownBy(() -> markdown(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("is not a measurement that a report can show");
    }

    @Test
    void aSpeedWithoutItsModelIsRefused() throws IOException {
        write("speeds.jsonl", SPEED.formatted("vanilla", 100, 90, 110).replace("model", "modell"));
        assertThatThrownBy(this::markdown).isInstanceOf(InputException.class).hasMessageContaining("has no model name");
    }

    @Test
    void aSpeedThatCannotBeIsRefused() throws IOException {
        write("speeds.jsonl", SPEED.formatted("vanilla", 100, 110, 90));
        assertThatThrownBy(this::markdown)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("tokens_per_second must be an object with least, median and most above zero");
    }

    @Test
    void aPointWithoutItsNumbersIsRefused() throws IOException {
        write("dial.json", DIAL.replace("\"nll\":4.6,", ""));
        assertThatThrownBy(this::markdown)
                .isInstanceOf(InputException.class)
                .hasMessageContaining("dial.json: a point must be an object with nll and flops_per_token");
    }

    @Test
    void aFolderWithoutResultsIsRefused(@TempDir Path empty) throws IOException {
        assertThatThrownBy(() -> ReportInput.read(empty, List.of(), true, warnings::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "holds neither study.json of a pilot or a study nor recipe.resolved.yaml of a training");
        assertThatThrownBy(() -> ReportInput.read(empty.resolve("no"), List.of(), true, warnings::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such folder");
        Path file = Files.writeString(empty.resolve("file"), "");
        assertThatThrownBy(() -> ReportInput.read(file, List.of(), true, warnings::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be the folder of a pilot, a training or a study, got a file");
    }

    @Test
    void aStudyIsReadToo(@TempDir Path study) throws IOException {
        Files.writeString(
                study.resolve("study.json"),
                RecordJson.MAPPER.writeValueAsString(SampleFindings.results(3, -0.04, 0.01)));
        assertThat(MarkdownReport.write(
                        ReportInput.read(study, List.of(), false, warnings::add).report(ReportOptions.DEFAULT)))
                .startsWith("# Yes: with the same training compute, mor predicts");
    }

    @Test
    void aStudyThatHasOnlyTriedLearningRatesIsRefused(@TempDir Path study) throws IOException {
        String json = RecordJson.MAPPER.writeValueAsString(SampleFindings.results(3, -0.04, 0.01));
        Files.writeString(study.resolve("study.json"), json.replace("\"GRID\"", "\"SWEEP\""));
        assertThatThrownBy(() -> ReportInput.read(study, List.of(), false, warnings::add))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no run of the study's grid is finished yet");
    }
}
