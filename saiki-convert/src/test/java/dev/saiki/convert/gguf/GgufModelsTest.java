package dev.saiki.convert.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.WideTensors;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/// Models that are written to GGUF come back.
final class GgufModelsTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private void comesBack(ObjectNode config) throws IOException {
        Path file = folder.resolve("x.gguf");
        GgufSample.write(file, config, GgufType.F32);
        ModelConfig wanted = ModelConfig.fromJson(config, "sample");
        try (Arena arena = Arena.ofConfined();
                WideTensors wide = WideTensors.in(folder)) {
            ForeignModel model = GgufModels.read(file, arena, wide);
            // Without a tokenizer a file has no tokens to name.
            assertThat(ModelConfig.fromJson(model.config(), "read"))
                    .isEqualTo(wanted.withTokenIds(OptionalInt.empty(), OptionalInt.empty()));
            Map<String, StoredTensor> read =
                    model.tensors().stream().collect(Collectors.toMap(StoredTensor::name, Function.identity()));
            for (StoredTensor tensor : GgufSample.weights(wanted, 1)) {
                StoredTensor got =
                        Optional.ofNullable(read.remove(tensor.name())).orElseThrow();
                assertThat(got.shape()).isEqualTo(tensor.shape());
                assertThat(got.toFloats()).as(tensor.name()).isEqualTo(tensor.toFloats());
            }
            assertThat(read).isEmpty();
            assertThat(model.files()).containsOnlyKeys("chat_template.jinja");
        }
    }

    @Test
    void llamaComesBack() throws IOException {
        comesBack(GgufSample.plain("llama"));
        comesBack(GgufSample.plain("llama").put("tie_word_embeddings", false).put("head_dim", 16));
    }

    @Test
    void aFileOfAnotherFormatIsNamed() throws IOException {
        byte[] bytes = GgufSample.bytes(folder, GgufSample.plain("llama"), GgufType.F32);
        bytes[4] = 1;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment file = arena.allocate(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, file, 0, bytes.length);
            assertThatThrownBy(() -> GgufFile.parse(file, "old.gguf"))
                    .isInstanceOf(InputException.class)
                    .hasMessage("old.gguf: the version of GGUF must be 2 or 3, little-endian, got 1");
        }
        assertThat(List.of(GgufType.describe(10), GgufType.describe(99))).containsExactly("Q2_K", "type 99");
    }
}
