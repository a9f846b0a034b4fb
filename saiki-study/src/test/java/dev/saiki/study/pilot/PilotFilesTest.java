package dev.saiki.study.pilot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.study.StudyListener;
import dev.saiki.study.plan.StudyPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PilotFilesTest {

    @TempDir
    private Path folder;

    @Test
    void aFolderThatCannotBeWrittenIsRefusedBeforeAnyWork() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        PilotOptions options =
                new PilotOptions(List.of(), 10, file.resolve("pilot"), 0, OptionalInt.empty(), Optional.empty());
        List<String> messages = new ArrayList<>();
        StudyListener listener = new StudyListener() {
            @Override
            public void onMessage(String message) {
                messages.add(message);
            }
        };
        assertThatThrownBy(() -> new Pilot(options, listener).run())
                .isInstanceOf(InputException.class) // Exit code 2.
                .hasMessageContaining("cannot be written, since " + file + " is a file");
        assertThat(messages).isEmpty();
    }

    @Test
    void textThatCannotBeCutIsRefusedWithWhatHelps() throws IOException {
        Path text = Files.createDirectory(folder.resolve("text"));
        for (int i = 0; i < 3; i++) {
            Files.writeString(text.resolve(i + ".txt"), "a whale ".repeat(6_000));
        }
        PilotOptions options =
                new PilotOptions(List.of(text), 10, folder.resolve("out"), 0, OptionalInt.empty(), Optional.empty());
        assertRefused(options, "has 3, but at least 24 are needed; break long lines, or add files");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aPlanSaysWhatWasAskedFor() throws IOException {
        writePlan(options(40, 7));
        StudyPlan plan = StudyPlan.read(folder.resolve(Pilot.PLAN_FILE));
        assertThat(plan.preset()).contains(new StudyPlan.Preset(40, Optional.empty()));
        assertThat(plan.seeds()).containsExactly(7L, 8L, 9L);
        assertThat(plan.families())
                .hasSize(6)
                .allSatisfy(family -> assertThat(family.learningRates()).hasSize(2));
        assertThat(plan.sweep().budget()).isEqualTo(4e11);
    }

    @Test
    void otherOptionsInTheSameFolderAreRefused() throws IOException {
        writePlan(options(10, 0));
        assertRefused(options(5, 0), "holds a pilot with minutes 10.0, got 5.0");
        assertRefused(options(10, 1), "seed 0, got 1");
        assertRefused(
                new PilotOptions(List.of(Path.of("/texts")), 10, folder, 0, OptionalInt.empty(), Optional.empty()),
                "corpus built_in, got /texts");
        assertRefused(
                new PilotOptions(List.of(), 10, folder, 0, OptionalInt.of(2), Optional.empty()), "seeds 1, got 2");
        assertRefused(
                new PilotOptions(List.of(), 10, folder, 0, OptionalInt.empty(), Optional.of("d64")),
                "size automatic, got d64");
    }

    @Test
    void aFolderWithOtherThingsIsRefusedUntouched() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), "precious");
        assertRefused(options(10, 0), "holds tokenizer.json, but no plan.yaml to resume from");
        assertThat(folder.resolve("tokenizer.json")).hasContent("precious");
    }

    @Test
    void whatCannotBeIsRefusedWithWhatCan() {
        assertThatThrownBy(() -> options(0, 0))
                .isInstanceOf(InputException.class)
                .hasMessage("minutes must be from 0.2 to 100000, got 0.0");
        assertThatThrownBy(() -> options(Double.NaN, 0)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> PilotSize.named("d127"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("size must be one of d64, d96, d128");
    }

    private void writePlan(PilotOptions options) throws IOException {
        Files.writeString(
                folder.resolve(Pilot.PLAN_FILE),
                new PilotPlan(
                                options,
                                new CorpusSize(240, 16_000_000),
                                PilotSize.named("d128"),
                                Precision.BFLOAT16,
                                4e12)
                        .toYaml());
    }

    private static void assertRefused(PilotOptions options, String message) {
        assertThatThrownBy(() -> new Pilot(options, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    private PilotOptions options(double minutes, long seed) {
        return new PilotOptions(List.of(), minutes, folder, seed, OptionalInt.empty(), Optional.empty());
    }
}
