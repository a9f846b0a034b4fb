package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.statistics.SampleStudy;
import dev.saiki.study.statistics.SampleStudy.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `study.json`, and the reports made from it.
class StudyResultsTest {

    @TempDir
    private Path folder;

    private static StudyResults sample() {
        return SampleStudy.of()
                .withFamilies(new Shape("vanilla", 1, 0), new Shape("mor", 3, 0.5))
                .analysed(
                        (run, document) ->
                                5 + 0.01 * document - 0.1 * run.model().numRecursions(),
                        100);
    }

    @Test
    void resultsReadBackAsTheyWereWritten() throws IOException {
        Path file = folder.resolve(StudyResults.NAME);
        StudyResults.FILE.write(sample(), file);
        assertThat(StudyResults.FILE.read(file)).isEqualTo(sample());
        assertThat(Files.readString(file)).contains("\"row_nlls\"", "\"non_embedding_parameters\"", "\"tuning_nll\"");
    }

    @Test
    void publishedResultsAreRead() throws IOException {
        StudyResults committed = StudyResults.FILE.read(Path.of("..", "studies", "baselines-small", "study.json"));
        assertThat(committed.runs()).hasSize(42);
        assertThat(committed.unit()).isEqualTo(BudgetUnit.FORWARD_FLOPS);
        assertThat(committed.floor()).isEmpty();
        assertThat(committed.written()).isEmpty();
        assertThat(committed.setting().preset()).isEmpty();
    }

    @Test
    void whatIsNoStudyIsRefusedWithTheFileAndTheReason() throws IOException {
        Path file = folder.resolve("study.json");
        assertThatThrownBy(() -> StudyResults.FILE.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such file");
        Files.writeString(file, "{\"format_version\": 5}");
        assertThatThrownBy(() -> StudyResults.FILE.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not the results of a study");
        StudyResults.FILE.write(sample(), file);
        Files.writeString(file, Files.readString(file).replace("\"format_version\":5", "\"format_version\":99"));
        assertThatThrownBy(() -> StudyResults.FILE.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("format_version must be 5, got 99");
    }
}
