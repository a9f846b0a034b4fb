package dev.saiki.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.checkpoint.provenance.SourceFile;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
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

    private static Verification verification(String engine, boolean agreed) {
        return new Verification(
                new Verification.Reference(Verification.Kind.FILE, "reference.jsonl", "PyTorch", "small", "00ff"),
                Instant.parse("2026-01-31T12:00:00Z"),
                "0.1.0",
                "ab",
                engine,
                "float32",
                1e-3,
                agreed,
                new VerificationStatistics(
                        VerificationStatistics.Quantity.LOGPROBS,
                        2,
                        30,
                        0,
                        Optional.of(new VerificationStatistics.Differences(0.5, 0.25, 1, 7, 3, -1.5, -1)),
                        new VerificationStatistics.Likeliest(20, 20),
                        new VerificationStatistics.Greedy(16, 16, 0, 2, 0, Optional.empty(), Optional.empty()),
                        new VerificationStatistics.PromptIds(1, 1, 0, Optional.of(1))));
    }

    private static ModelOrigin origin() {
        return new ModelOrigin(
                "GGUF",
                "llama",
                List.of("F32", "Q4_K"),
                List.of(new SourceFile("small.gguf", 17, "00ff")),
                "0.1.0",
                Instant.parse("2026-01-31T12:00:00Z"));
    }

    @Test
    void provenanceIsReadAsItWasWritten() throws IOException {
        Manifest manifest = Manifest.imported(origin())
                .with(verification("cpu", false))
                .with(verification("torch", true))
                .with(verification("cpu", true));
        Path file = folder.resolve("manifest.json");
        JsonFiles.write(file, manifest.toJson());

        Manifest read = Manifest.read(file);
        assertThat(read).isEqualTo(manifest);
        assertThat(read.provenance().verifications())
                .containsExactly(verification("torch", true), verification("cpu", true));
        assertThat(read.withUniformDepths(List.of(1.0)).provenance()).isEqualTo(read.provenance());
    }

    @Test
    void calibrationsAreReadAsTheyWereWrittenAndChangeTheDepthsThatAreExpected() throws IOException {
        Calibration calibration = new Calibration(
                Instant.parse("2026-01-31T12:00:00Z"),
                "0.1.0",
                "ab",
                new Calibration.Text("notes", "00ff", 12, 60_000, 50_000, "documents"),
                List.of(new Calibration.Step("0.5", 1, 0.5, 0.15, 0.51, 0.7, 0.25)),
                List.of(new Calibration.Loss(
                        "",
                        new Calibration.Bounded(3, 2.5, 3.5),
                        new Calibration.Bounded(2.5, 2, 3),
                        new Calibration.Bounded(-0.5, -0.75, -0.25))));
        Manifest manifest =
                Manifest.imported(origin()).with(verification("cpu", true)).with(calibration, List.of(0.75, 0.25));
        Path file = folder.resolve("manifest.json");
        JsonFiles.write(file, manifest.toJson());

        Manifest read = Manifest.read(file);
        assertThat(read).isEqualTo(manifest);
        assertThat(read.provenance().calibrations()).containsExactly(calibration);
        assertThat(read.metrics()).containsEntry(Manifest.DEPTH_SHARE + 2, 0.25);
        for (int i = 0; i < 20; i++) {
            read = read.with(calibration, List.of());
        }
        assertThat(Manifest.fromJson(read.toJson(), "manifest.json")).isEqualTo(read);
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"imported\": 3} | imported: ",
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"imported\": {\"format\": \"GGUF\"}} | imported: ",
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"imported\": {\"colour\": 1}} | imported: ",
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"verifications\": {}} | verifications must be a list",
                "{\"format_version\": 1, \"saiki_version\": \"1\", \"created\": \"2026-01-01T00:00:00Z\", \"verifications\": [{}]} | verifications: "
            })
    void malformedProvenanceIsRefusedWhenItIsRead(String text, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("manifest.json"), text);
        Provenance read = Manifest.read(file).provenance();

        assertThatThrownBy(() -> List.of(read.origin(), read.verifications()))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }
}
