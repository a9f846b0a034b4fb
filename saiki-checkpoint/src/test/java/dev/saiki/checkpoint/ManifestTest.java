package dev.saiki.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Manifest manifest = Manifest.now(
                Optional.of("model: {}\n# \u518d\u5e30\n"),
                Optional.of("0a1b"),
                5,
                6,
                Map.of("nll", 1.0 / 3, "x", Double.NaN));
        Path file = folder.resolve("manifest.json");
        JsonFiles.write(file, manifest.toJson());

        assertThat(Manifest.read(file)).isEqualTo(manifest);
        assertThat(manifest.formatVersion()).isEqualTo(Manifest.FORMAT_VERSION);
    }

    @Test
    void versionIsTheBuilds() {
        assertThat(Manifest.currentVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | format_version is missing",
                "{\"format_version\": 0, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\"} | format_version must be",
                "{\"format_version\": 1, \"created\": \"2026-01-01T00:00:00Z\"} | saiki_version is missing",
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"yesterday\"} | created must be a time",
                "{\"format_version\": 1, \"steps\": 3} | steps is not a known key; did you mean step?",
                "{\"format_version\": \"1\"} | format_version must be a whole number, got \"1\"",
                "{\"format_version\": 99} | format_version 99 is newer than this version of Saiki reads"
            })
    void malformedManifestsAreRefused(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("manifest.json"), text);

        assertThatThrownBy(() -> Manifest.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }
}
