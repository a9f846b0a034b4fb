package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What a model is named by in the audit.
class ModelVersionTest {

    private static final long SEED = 20261125;

    @TempDir
    private Path folder;

    /// A server that changes its model often reads a file each time.
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileThatWasHashedTakesNoMemory() throws IOException {
        CheckpointDirectory checkpoint =
                RandomCheckpoint.write(folder.resolve("model"), TinyModels.ofText(20_000, 64), SEED);
        Path file = checkpoint.path().resolve("model.safetensors");
        checkpoint
                .tensors()
                .values()
                .forEach(tensor -> assertThat(tensor.toFloats()).isNotEmpty());
        assertThat(residentBytes(file)).isGreaterThan(Files.size(file) / 2);
        ModelVersion first = ModelVersion.of("model", checkpoint);
        assertThat(residentBytes(file)).isLessThan(Files.size(file) / 8);
        assertThat(ModelVersion.of("model", checkpoint)).isEqualTo(first);
    }

    /// What a mapped file takes of this process's memory, as the kernel tells.
    private static long residentBytes(Path file) throws IOException {
        long bytes = 0;
        boolean counts = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                counts = line.endsWith(file.toString());
            } else if (counts && line.startsWith("Rss:")) {
                bytes += 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return bytes;
    }
}
