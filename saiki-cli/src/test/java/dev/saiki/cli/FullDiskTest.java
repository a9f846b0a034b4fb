package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that fills up while a command writes: a file system of half a megabyte, which only a privileged user may
/// mount.
@Tag("slow")
class FullDiskTest {

    @TempDir
    Path folder = Path.of("");

    private Path disk = Path.of("");
    private boolean mounted;

    @BeforeEach
    void mountASmallDisk() throws IOException, InterruptedException {
        disk = Files.createDirectories(folder.resolve("small-disk"));
        mounted = runs("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString());
        assumeTrue(mounted, "may not mount a tmpfs");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mounted) {
            assertThat(runs("umount", disk.toString())).isTrue();
        }
    }

    @Test
    void fullDiskIsOneMessageAndLeavesNothingHalfWritten() throws IOException {
        Workbench bench = Workbench.in(Files.createDirectories(folder.resolve("bench")));
        String large = "model.intermediate_size=4096";
        CommandRun init = CommandRun.of(
                "train",
                "init",
                "--recipe",
                bench.recipe(),
                "--set",
                large,
                "--seed",
                1,
                "--out",
                disk.resolve("model"));
        assertThat(init.exitCode()).as(init.err()).isEqualTo(1);
        assertThat(init.err().lines()).singleElement().asString().contains(disk + "", "the disk is full");
        assertThat(list(disk)).isEmpty();

        CommandRun run = CommandRun.of(
                "train",
                "--recipe",
                bench.recipe(),
                "--set",
                large,
                "data.dataset=" + bench.data(),
                "--out",
                disk.resolve("run"));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.err().lines().filter(line -> line.startsWith("saiki: ")))
                .singleElement()
                .asString()
                .contains("the disk is full");
    }

    private static java.util.List<Path> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    private static boolean runs(String... command) throws IOException, InterruptedException {
        try {
            return TestProcess.run(Duration.ofSeconds(10), java.util.List.of(command))
                            .exitCode()
                    == 0;
        } catch (IOException absent) {
            return false;
        }
    }
}
