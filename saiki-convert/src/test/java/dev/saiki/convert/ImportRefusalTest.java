package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImportRefusalTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private void refused(Path source, String... named) {
        assertThatThrownBy(() -> ModelImport.run(source, folder.resolve("out"), Clock.systemUTC()))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(named);
    }

    @Test
    void aMissingSourceIsNamed() {
        refused(folder.resolve("absent.gguf"), "absent.gguf", "no such file or folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GG", "once upon a time there was a file that is no model", "PK\u0003\u0004archive"})
    void aFileOfNoKnownFormatIsRefusedByWhatIsTaken(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("model.bin"), content);
        refused(
                file,
                "model.bin",
                "import takes a GGUF file, or a Hugging Face folder with config.json and safetensors");
        assertThat(folder.toFile().list()).containsExactly("model.bin");
    }

    @Test
    void weightsOfAnotherFormatInAFolderAreRefusedByWhatIsTaken() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.copy(Stories.CHECKPOINT.resolve("config.json"), model.resolve("config.json"));
        Files.writeString(model.resolve("pytorch_model.bin"), "PK");
        refused(model, "model.safetensors: no such file", "pytorch_model.bin is not read", "save_pretrained");
    }

    @Test
    void aModelThatIsCutOffIsRefused() throws IOException {
        Path gguf = Files.write(folder.resolve("x.gguf"), new byte[] {'G', 'G', 'U', 'F', 3, 0, 0, 0});
        refused(gguf, "x.gguf", "truncated at byte 8");
    }

    @Test
    void aVanillaModelHasNoDepth() {
        assertThatThrownBy(() -> ModelExport.run(
                        Stories.CHECKPOINT,
                        ModelExport.Format.HF,
                        Optional.empty(),
                        OptionalInt.of(2),
                        folder.resolve("out")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--max-depth");
    }

    @Test
    void aPointerOfGitLfsIsNoModel() throws IOException {
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 123\n";
        Path gguf = Files.writeString(folder.resolve("x.gguf"), pointer);
        refused(gguf, "x.gguf", "Git LFS", "git lfs pull");
        Path model = Files.createDirectory(folder.resolve("pointed"));
        Files.copy(Stories.CHECKPOINT.resolve("config.json"), model.resolve("config.json"));
        Files.writeString(model.resolve("model.safetensors"), pointer);
        refused(model, "model.safetensors", "Git LFS", "git lfs pull");
    }

    @Test
    void aFolderSaysWhatFamilyItIsOf() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Path whole = Stories.CHECKPOINT;
        Files.copy(whole.resolve("model.safetensors"), model.resolve("model.safetensors"));
        String config = Files.readString(whole.resolve("config.json"));
        String without = config.replaceFirst("\"model_type\" *: *\"llama\" *,", "");
        assertThat(without).isNotEqualTo(config);
        Files.writeString(model.resolve("config.json"), without);
        refused(model, "config.json", "model_type must be the family of the model");
    }
}
