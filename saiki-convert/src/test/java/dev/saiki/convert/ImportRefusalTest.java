package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImportRefusalTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private void refused(Path source, Optional<Path> vocabulary, String... named) {
        assertThatThrownBy(() -> ModelImport.run(source, vocabulary, folder.resolve("out")))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(named);
    }

    @Test
    void aMissingSourceIsNamed() {
        refused(folder.resolve("absent.gguf"), Optional.empty(), "absent.gguf", "no such file or folder");
    }

    @Test
    void aFileOfNoKnownFormatIsNamed() throws IOException {
        Path file = folder.resolve("model.bin");
        Files.writeString(file, "once upon a time there was a file that is no model");
        refused(file, Optional.empty(), "model.bin", "GGUF", "llama2.c");
    }

    @Test
    void aModelThatIsCutOffIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(Stories.MODEL);
        Path file = folder.resolve("short.bin");
        Files.write(file, Arrays.copyOf(whole, whole.length - 4));
        refused(file, Optional.empty(), "short.bin", "1056540 bytes expected, 1056536 found");
    }

    @Test
    void aVocabularyOfAnotherSizeIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(Stories.VOCABULARY);
        Path file = folder.resolve("tok.bin");
        Files.write(file, Arrays.copyOf(whole, whole.length - 10));
        refused(Stories.MODEL, Optional.of(file), "tok.bin", "truncated");
    }

    @Test
    void aVocabularyBelongsToLlama2cAlone() throws IOException {
        Path gguf = folder.resolve("x.gguf");
        Files.write(gguf, new byte[] {'G', 'G', 'U', 'F', 3, 0, 0, 0});
        refused(gguf, Optional.of(Stories.VOCABULARY), "--vocabulary");
        refused(gguf, Optional.empty(), "x.gguf", "truncated at byte 8");
    }

    @Test
    void aVanillaModelHasNoDepth() {
        assertThatThrownBy(() -> ModelExport.run(
                        Stories.FOLDER.resolve("checkpoint"),
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
        refused(gguf, Optional.empty(), "x.gguf", "Git LFS", "git lfs pull");
        Path model = Files.createDirectory(folder.resolve("pointed"));
        Files.copy(Stories.FOLDER.resolve("checkpoint").resolve("config.json"), model.resolve("config.json"));
        Files.writeString(model.resolve("model.safetensors"), pointer);
        refused(model, Optional.empty(), "model.safetensors", "Git LFS", "git lfs pull");
    }

    @Test
    void aFolderSaysWhatFamilyItIsOf() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Path whole = Stories.FOLDER.resolve("checkpoint");
        Files.copy(whole.resolve("model.safetensors"), model.resolve("model.safetensors"));
        String config = Files.readString(whole.resolve("config.json"));
        String without = config.replaceFirst("\"model_type\" *: *\"llama\" *,", "");
        assertThat(without).isNotEqualTo(config);
        Files.writeString(model.resolve("config.json"), without);
        refused(model, Optional.empty(), "config.json", "model_type must be the family of the model");
    }
}
