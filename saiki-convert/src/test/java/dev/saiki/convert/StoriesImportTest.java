package dev.saiki.convert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.SourceFile;
import dev.saiki.checkpoint.safetensors.SafetensorsWriter;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.Sha256;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Tests that a trained model of a Hugging Face folder is imported as it is, and survives export to GGUF and import
/// without a change.
final class StoriesImportTest {

    private static final String BEGINNING = "Once upon a time, there was a little";
    private static final int[] BEGINNING_IDS = {403, 407, 261, 378, 432, 383, 286, 261, 376};

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static CheckpointDirectory imported;

    @BeforeAll
    static void bringIn() throws IOException {
        Path out = folder.resolve("stories");
        ModelImport.Imported result = ModelImport.run(Stories.CHECKPOINT, out, Clock.systemUTC());
        assertThat(result.description()).isEqualTo("Hugging Face, llama, F32");
        assertThat(result.tokenizerSize()).hasValue(512);
        imported = CheckpointDirectory.open(out);
    }

    private static void assertSameTensors(CheckpointDirectory one, CheckpointDirectory other) {
        assertThat(one.tensors().keySet())
                .containsExactlyElementsOf(other.tensors().keySet());
        one.tensors().forEach((name, tensor) -> {
            StoredTensor wanted = Optional.ofNullable(other.tensors().get(name)).orElseThrow();
            assertThat(tensor.type()).as(name).isEqualTo(wanted.type());
            assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE))
                    .as(name)
                    .isEqualTo(wanted.data().toArray(ValueLayout.JAVA_BYTE));
        });
    }

    @Test
    void aFolderComesInAsItIs() {
        CheckpointDirectory source = CheckpointDirectory.open(Stories.CHECKPOINT);
        assertThat(imported.config()).isEqualTo(source.config());
        assertSameTensors(imported, source);
        assertThat(imported.tokenizer()).hasSameBinaryContentAs(source.tokenizer());
    }

    @Test
    void theBeginningOfAnotherDocumentEndsAnAnswerToo() {
        assertThat(imported.endTokenIds()).containsExactly(2, 1);
    }

    @Test
    void theManifestTellsWhatItCameFrom() throws IOException {
        Clock clock = Clock.fixed(Instant.parse("2026-01-31T12:00:00Z"), ZoneOffset.UTC);
        Path file = folder.resolve("origin.gguf");
        ModelExport.run(
                imported.path(),
                ModelExport.Format.GGUF,
                Optional.of(ModelExport.Weights.Q8_0),
                OptionalInt.empty(),
                file);
        Path out = folder.resolve("origin");
        ModelImport.run(file, out, clock);
        Manifest manifest = CheckpointDirectory.open(out).manifest().orElseThrow();
        assertThat(manifest.created()).isEqualTo(clock.instant());
        ModelOrigin origin = manifest.provenance().origin().orElseThrow();
        assertThat(origin)
                .isEqualTo(new ModelOrigin(
                        "GGUF",
                        "llama",
                        List.of("F32", "Q8_0"),
                        List.of(new SourceFile("origin.gguf", Files.size(file), Sha256.hex(Files.readAllBytes(file)))),
                        Manifest.currentVersion(),
                        clock.instant()));
        ModelOrigin first =
                imported.manifest().orElseThrow().provenance().origin().orElseThrow();
        assertThat(first.files())
                .extracting(SourceFile::name)
                .containsExactly("config.json", "model.safetensors", "tokenizer.json", "generation_config.json");
    }

    @Test
    void itsTokenizerEncodesAsTheProgramThatTrainedItDoes() {
        Tokenizer tokenizer = Tokenizer.load(imported.tokenizer());
        assertThat(tokenizer.vocabSize()).isEqualTo(512);
        assertThat(tokenizer.encode(BEGINNING)).isEqualTo(BEGINNING_IDS);
        assertThat(tokenizer.decode(BEGINNING_IDS)).isEqualTo(BEGINNING);
        assertThat(tokenizer.encodePrompt("")).containsExactly(1);
        assertThat(tokenizer.encodePrompt("Once upon a time")).startsWith(1, 403, 407);
        assertThat(tokenizer.endOfTextId()).isEqualTo(2);
        assertThat(tokenizer.specialId("<s>")).contains(1);
        String others = "Zoë said:\n\t“日本 🙂”  twice";
        assertThat(tokenizer.decode(tokenizer.encode(others))).isEqualTo(others);
        assertThat(tokenizer.encode("<s>")).doesNotContain(1);
    }

    @Test
    void itComesBackFromGgufWithoutAChange() throws IOException {
        Path file = folder.resolve("stories.gguf");
        ModelExport.run(
                imported.path(),
                ModelExport.Format.GGUF,
                Optional.of(ModelExport.Weights.F32),
                OptionalInt.empty(),
                file);
        Path back = folder.resolve("back");
        ModelImport.Imported result = ModelImport.run(file, back, Clock.systemUTC());
        assertThat(result.description()).isEqualTo("GGUF, llama, F32");
        CheckpointDirectory again = CheckpointDirectory.open(back);
        assertThat(again.config().withTokenIds(OptionalInt.of(1), List.of(2))).isEqualTo(imported.config());
        assertSameTensors(again, imported);
        assertThat(again.tokenizer()).hasSameBinaryContentAs(imported.tokenizer());
    }

    @ParameterizedTest
    @EnumSource(ModelExport.Weights.class)
    void everyNumberFormatIsReadAsItWasWritten(ModelExport.Weights weights) throws IOException {
        Path first = folder.resolve(weights + ".gguf");
        ModelExport.run(imported.path(), ModelExport.Format.GGUF, Optional.of(weights), OptionalInt.empty(), first);
        Path back = folder.resolve("back-" + weights);
        ModelImport.run(first, back, Clock.systemUTC());
        Path second = folder.resolve(weights + "-2.gguf");
        ModelExport.run(back, ModelExport.Format.GGUF, Optional.of(weights), OptionalInt.empty(), second);
        // A model is named after its folder, so the sizes differ by the length of the name.
        assertThat(Files.size(second) - Files.size(first)).isBetween(-32L, 32L);
        CheckpointDirectory again = CheckpointDirectory.open(back);
        again.tensors().forEach((name, tensor) -> {
            float[] wanted = Optional.ofNullable(imported.tensors().get(name))
                    .orElseThrow()
                    .toFloats();
            float[] got = tensor.toFloats();
            float largest = 0;
            double error = 0;
            for (int i = 0; i < got.length; i++) {
                largest = Math.max(largest, Math.abs(wanted[i]));
                error = Math.max(error, Math.abs(wanted[i] - got[i]));
            }
            double allowed = switch (weights) {
                case F32 -> 0;
                case F16 -> 1.0 / 2048;
                case BF16 -> 1.0 / 256;
                case Q8_0 -> 1.0 / 200;
                case Q4_0 -> 1.0 / 7;
            };
            assertThat(error).as(name).isLessThanOrEqualTo(allowed * largest);
        });
    }

    @Test
    void whatOtherToolsStoreTwiceIsLeftOut() throws IOException {
        Path source = folder.resolve("doubled");
        Files.createDirectories(source);
        Files.copy(imported.path().resolve("config.json"), source.resolve("config.json"));
        List<StoredTensor> tensors = new ArrayList<>(imported.tensors().values());
        StoredTensor embedding = tensors.getFirst();
        tensors.add(new StoredTensor("lm_head.weight", embedding.type(), embedding.shape(), embedding.data()));
        tensors.add(StoredTensor.ofFloats(
                "model.layers.0.self_attn.rotary_emb.inv_freq", List.of(4L), new float[] {1, 2, 3, 4}));
        SafetensorsWriter.write(source.resolve("model.safetensors"), tensors, Map.of());
        Path out = folder.resolve("once");
        ModelImport.run(source, out, Clock.systemUTC());
        assertSameTensors(CheckpointDirectory.open(out), imported);
    }
}
