package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.testkit.MappedMemory;
import dev.saiki.testkit.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests that an open model does not keep pages of its file in memory beside its own copy of the weights.
@EnabledOnOs(OS.LINUX)
class FilePagesTest {

    private static final int VOCABULARY = 100_000;

    /// The bytes of the file that may stay in memory: less than a tenth of the file.
    private static final long LEFT_OVER = 512 << 10;

    @TempDir
    Path folder = Path.of("");

    private CheckpointDirectory checkpoint;

    @BeforeEach
    void write() throws IOException {
        ModelConfig config = Models.vanilla().withVocabSize(VOCABULARY);
        checkpoint = RandomCheckpoint.write(folder.resolve("model"), config, 1);
    }

    private long residentBytes() throws IOException {
        return MappedMemory.residentBytes(folder.resolve("model").resolve("model.safetensors"));
    }

    @Test
    void withoutLettingGoTheyWouldStay() throws IOException {
        long size = 0;
        for (StoredTensor tensor : checkpoint.tensors().values()) {
            assertThat(tensor.toFloats()).isNotEmpty();
            size += tensor.data().byteSize();
        }
        assertThat(residentBytes()).isGreaterThan(size * 9 / 10).isGreaterThan(10 * LEFT_OVER);
    }

    @ParameterizedTest
    @EnumSource(WeightFormat.class)
    void anOpenModelKeepsNone(WeightFormat format) throws IOException {
        try (Engine engine = Engine.withoutText(
                checkpoint, EngineOptions.builder().weights(format).build())) {
            assertThat(engine.weightBytes()).isPositive();
            assertThat(residentBytes()).isLessThan(LEFT_OVER);
        }
    }

    @Test
    void textsBringNoneBack() throws IOException {
        Random random = new Random(2);
        try (Engine engine = Engine.withoutText(checkpoint, EngineOptions.DEFAULT)) {
            for (int text = 0; text < 20; text++) {
                int[] ids = random.ints(Models.CONTEXT, 0, VOCABULARY).toArray();
                engine.score(ids, RouteSettings.MODEL).join();
            }
            assertThat(residentBytes()).isLessThan(LEFT_OVER);
        }
    }
}
