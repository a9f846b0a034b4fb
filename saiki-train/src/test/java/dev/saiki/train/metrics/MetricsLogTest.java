package dev.saiki.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {

    @TempDir
    Path folder;

    @Test
    void writtenLinesReadBackEqual() throws IOException {
        Path file = folder.resolve(MetricsLog.FILE_NAME);
        MetricsLine line = line(1, Map.of(MetricNames.CROSS_ENTROPY_LOSS, 0.1 + 0.2));
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            log.append(line);
        }
        assertThat(MetricsLog.read(file)).containsExactly(line);
    }

    @Test
    void numbersThatDoNotApplyAreAbsent() throws IOException {
        Path file = folder.resolve(MetricsLog.FILE_NAME);
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            log.append(line(1, Map.of("a", Double.NaN)));
        }
        assertThat(Files.readString(file)).isEqualTo("{\"step\":1,\"wall_time\":12.5}\n");
    }

    @Test
    void resumedLogHasEveryStepOnce() throws IOException {
        Path file = folder.resolve(MetricsLog.FILE_NAME);
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            for (long step = 1; step <= 9; step++) {
                log.append(line(step, Map.of("a", step + 0.5)));
            }
        }
        try (MetricsLog log = MetricsLog.open(file, 4)) {
            log.append(line(5, Map.of("a", 7.25)));
        }
        assertThat(MetricsLog.read(file)).extracting(MetricsLine::step).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void lineCutShortByAKillIsRemoved() throws IOException {
        Path file = folder.resolve(MetricsLog.FILE_NAME);
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            log.append(line(1, Map.of("a", 1.5)));
        }
        Files.writeString(file, "{\"step\":2,\"wall_t", StandardOpenOption.APPEND);
        assertThat(MetricsLog.read(file)).hasSize(1);
        try (MetricsLog log = MetricsLog.open(file, 1)) {
            log.append(line(2, Map.of("a", 2.5)));
        }
        assertThat(MetricsLog.read(file)).extracting(MetricsLine::step).containsExactly(1L, 2L);
    }

    @Test
    void foreignFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("other"), "loss=3\n");
        assertThatThrownBy(() -> MetricsLog.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be a JSON object with \"step\"")
                .hasMessageContaining("loss=3");
    }

    static MetricsLine line(long step, Map<String, Double> values) {
        return new MetricsLine(step, 12.5, new LinkedHashMap<>(values));
    }
}
