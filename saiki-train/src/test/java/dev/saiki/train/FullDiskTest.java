package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trains into a file system of two megabytes, which fills up during the run. Needs the right to mount a file
/// system.
@Tag("slow")
class FullDiskTest {

    @TempDir
    Path folder;

    private Path disk = Path.of("");

    @BeforeEach
    void mountSmallDisk() throws IOException, InterruptedException {
        disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(succeeds("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()), "cannot mount a tmpfs");
    }

    @AfterEach
    void unmountIt() throws IOException, InterruptedException {
        succeeds("umount", disk.toString());
    }

    @Test
    void runThatFillsTheDiskSaysSoAndGoesOnOnceThereIsRoom() throws IOException {
        Recipe recipe =
                TinyRun.recipe(TinyRun.VANILLA, TinyRun.prepareData(folder.resolve("data")), "schedule.steps=40");
        Path undisturbed = folder.resolve("undisturbed");
        new Trainer(recipe, undisturbed, TrainingListener.SILENT).run(false);

        Path run = disk.resolve("run");
        Path ballast = disk.resolve("ballast");
        RecordingListener listener = new RecordingListener().afterStep(report -> fillAfterStep(report, ballast));
        assertThatThrownBy(() -> new Trainer(recipe, run, listener).run(false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("could not be written")
                .hasMessageContaining("No space left on device")
                .hasMessageContaining("earlier saves are intact");

        Files.delete(ballast);
        RecordingListener resumed = new RecordingListener();
        new Trainer(recipe, run, resumed).run(true);
        assertThat(resumed.starts.getFirst().firstStep()).isEqualTo(20);
        assertThat(TinyRun.reproducibleMetrics(run)).isEqualTo(TinyRun.reproducibleMetrics(undisturbed));
        assertThat(TinyRun.lastWeights(run)).isEqualTo(TinyRun.lastWeights(undisturbed));
    }

    private static void fillAfterStep(StepReport report, Path ballast) {
        if (report.step() != 22) {
            return;
        }
        try (java.io.OutputStream output = Files.newOutputStream(ballast)) {
            while (true) {
                output.write(new byte[4096]);
            }
        } catch (IOException full) {
            // That is the point.
        }
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        try {
            return TestProcess.run(Duration.ofSeconds(10), List.of(command)).exitCode() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
