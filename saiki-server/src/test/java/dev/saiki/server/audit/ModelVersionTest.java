package dev.saiki.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.testkit.MappedMemory;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A model's version in the audit.
class ModelVersionTest {

    private static final long SEED = 20261125;

    @TempDir
    private Path folder;

    /// A server that often changes its model reads a file each time.
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
        assertThat(MappedMemory.residentBytes(file)).isGreaterThan(Files.size(file) / 2);
        ModelVersion first = ModelVersion.of("model", checkpoint);
        assertThat(MappedMemory.residentBytes(file)).isLessThan(Files.size(file) / 8);
        assertThat(ModelVersion.of("model", checkpoint)).isEqualTo(first);
    }
}
