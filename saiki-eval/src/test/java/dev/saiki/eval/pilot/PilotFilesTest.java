package dev.saiki.eval.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PilotFilesTest {

    @TempDir
    private Path folder;

    @Test
    void aResultComesBackAsItWasWritten() throws IOException {
        PilotResult result = SamplePilot.with(-0.04, 0.01);
        result.write(folder.resolve("pilot.json"));
        assertThat(PilotResult.read(folder.resolve("pilot.json"))).isEqualTo(result);
        assertThat(folder.resolve("pilot.json"))
                .content()
                .contains("\"flops_per_token\" : 1.12E7")
                .contains("\"training_forward_flops\" : 4.0E12");
    }

    @Test
    void aResultWithoutAnIntervalComesBackToo() throws IOException {
        PilotResult result = SamplePilot.with(-0.04, Double.NaN);
        result.write(folder.resolve("pilot.json"));
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

    @Test
    void anotherFormatVersionIsRefused() throws IOException {
        Path file = folder.resolve("pilot.json");
        SamplePilot.with(0, 1).write(file);
        Files.writeString(file, Files.readString(file).replace("\"format_version\" : 1,", "\"format_version\" : 2,"));
        assertThatThrownBy(() -> PilotResult.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("format_version must be 1, got 2");
    }

    @Test
    void theBudgetIsRememberedWithTheOptions() throws IOException {
        PilotState state = PilotState.open(options(10, 0));
        PilotState.Calibration calibration = new PilotState.Calibration(4e12, "bfloat16", Map.of("vanilla", 2100.0));
        state.withCalibration(calibration).withTrained("vanilla").write(folder);
        PilotState again = PilotState.open(options(10, 0));
        assertThat(again.calibration()).contains(calibration);
        assertThat(again.trained()).containsExactly("vanilla");
    }

    @Test
    void otherOptionsInTheSameFolderAreRefused() throws IOException {
        PilotState.open(options(10, 0));
        assertThatThrownBy(() -> PilotState.open(options(5, 0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds a pilot with minutes 10.0, got 5.0");
        assertThatThrownBy(() -> PilotState.open(options(10, 1)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("seed 0, got 1");
        assertThatThrownBy(() -> PilotState.open(new PilotOptions(List.of(Path.of("/texts")), 10, folder, 0)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the corpus that is built in, got /texts");
    }

    @Test
    void aFolderWithOtherThingsIsRefusedUntouched() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "precious");
        assertThatThrownBy(() -> new Pilot(options(10, 0), PilotListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("holds tokenizer.json, but no pilot that could go on");
        assertThat(folder.resolve("tokenizer.json")).hasContent("precious");
    }

    @Test
    void minutesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> options(0, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("minutes must be from 0.2 to 100000, got 0.0");
        assertThatThrownBy(() -> options(Double.NaN, 0)).isInstanceOf(InputException.class);
    }

    private PilotOptions options(double minutes, long seed) {
        return new PilotOptions(List.of(), minutes, folder, seed);
    }
}
