package dev.saiki.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The short form of {@link EngineSoak}, which is too short to see memory grow.
class EngineSoakTest {

    private static final double MINUTES = 0.04;

    /// Keys and values of a dozen of the longest sequences.
    private static final long CACHE_BYTES = 256 << 10;

    @TempDir
    private Path folder;

    @Test
    void twoSecondsOfOverloadLoseNoRequestAndKeepNoPage() throws Exception {
        assertThat(EngineSoak.passes(
                        RandomCheckpoint.write(folder, TinyModels.expertThreshold(KeyValueSharing.NONE), 1),
                        CACHE_BYTES,
                        MINUTES,
                        2))
                .isTrue();
    }
}
