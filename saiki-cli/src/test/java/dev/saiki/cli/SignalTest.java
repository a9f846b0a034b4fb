package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that receives a signal to end while it trains.
@Tag("slow")
class SignalTest {

    /// The JVM's exit code after SIGTERM.
    private static final int TERMINATED = 143;

    @TempDir
    Path folder = Path.of("");

    @Test
    void sigtermFinishesTheStepSavesAndEnds() throws IOException, InterruptedException {
        Workbench bench = Workbench.in(folder);
        Path run = folder.resolve("run");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.saiki.cli.Main",
                "train",
                "--recipe",
                bench.recipe().toString(),
                "--set",
                "data.dataset=" + bench.data(),
                "schedule.steps=1000000",
                "--out",
                run.toString());
        Process process = TestProcess.start(command).process();
        StringBuilder progress = new StringBuilder();
        try (BufferedReader err = process.errorReader()) {
            while (!progress.toString().contains("step ")) {
                String line = err.readLine();
                assertThat(line).as("the run ended early: %s", progress).isNotNull();
                progress.append(line).append('\n');
            }
            process.toHandle().destroy();
            err.lines().forEach(line -> progress.append(line).append('\n'));
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(progress.toString()).isEqualTo(TERMINATED);
        assertThat(progress).contains("saved").doesNotContain("SIGSEGV", "Exception");
        try (Stream<Path> entries = Files.list(run)) {
            assertThat(entries.map(path -> String.valueOf(path.getFileName())))
                    .contains("last")
                    .anyMatch(name -> name.matches("step-\\d+"));
        }
        CommandRun.of("eval", "score", "--model", run.resolve("last"), "--ids", "1,2,3")
                .succeeds();
    }
}
