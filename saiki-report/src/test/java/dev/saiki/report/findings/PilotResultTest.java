package dev.saiki.report.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PilotResultTest {

    @TempDir
    private Path folder;

    @Test
    void aResultOfAnEarlierVersionIsStillRead() throws IOException {
        PilotResult result = SamplePilot.with(-0.04, Double.NaN);
        SamplePilot.write(result, folder.resolve("pilot.json"));
        assertThat(PilotResult.read(folder.resolve("pilot.json"))).isEqualTo(result);
    }

    @Test
    void whatIsNoResultIsRefusedWithTheFilesName() throws IOException {
        Path file = folder.resolve("pilot.json");
        assertThatThrownBy(() -> PilotResult.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("pilot.json: no such file");
        Files.writeString(file, "{\"format_version\": 1}");
        assertThatThrownBy(() -> PilotResult.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("pilot.json: not the result of a pilot");
        Files.writeString(file, "no json");
        assertThatThrownBy(() -> PilotResult.read(file)).isInstanceOf(InputException.class);
    }
}
