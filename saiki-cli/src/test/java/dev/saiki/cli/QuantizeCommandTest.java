package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QuantizeCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
    }

    private static CommandRun quantize(Path out, String... more) {
        Object[] arguments = new Object[8 + more.length];
        Object[] usual = {"quantize", "--model", bench.model(), "--text", bench.corpus(), "--out", out, "--json"};
        System.arraycopy(usual, 0, arguments, 0, usual.length);
        System.arraycopy(more, 0, arguments, usual.length, more.length);
        return CommandRun.of(arguments);
    }

    @Test
    void theQuantizedModelIsSmallerMeasuredAndServedInItsFormat() throws IOException {
        Path out = folder.resolve("four");
        JsonNode result = JsonMapper.shared().readTree(quantize(out).succeeds().out());
        JsonNode measured = result.get("measured");
        assertThat(measured.valueStream().map(row -> row.get("format").stringValue()))
                .containsExactly("float32", "plain int4", "int4");
        assertThat(measured.get(2).get("nll").doubleValue())
                .isBetween(
                        measured.get(0).get("nll").doubleValue() - 0.2,
                        measured.get(0).get("nll").doubleValue() + 0.2);
        assertThat(Files.size(out.resolve("model.safetensors")))
                .isLessThan(Files.size(bench.model().resolve("model.safetensors")) / 2);
        CommandRun.of("generate", "--model", out, "--prompt", "the", "--max-tokens", 5)
                .succeeds();
        CommandRun.of("eval", "score", "--model", out, "--text", "the text", "--engine", "torch", "--json")
                .succeeds();
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "int6"})
    void eightAndSixBitsCostLittle(String weights) throws IOException {
        Path out = folder.resolve(weights);
        JsonNode result = JsonMapper.shared()
                .readTree(quantize(out, "--weights", weights).succeeds().out());
        assertThat(Math.abs(
                        result.get("measured").get(2).get("change").get("mean").doubleValue()))
                .isLessThan(0.01);
    }

    @Test
    void aDamagedModelIsRefused() throws IOException {
        Path damaged = folder.resolve("damaged");
        CheckpointDirectory model = CheckpointDirectory.open(bench.model());
        StoredTensor matrix = Optional.ofNullable(model.tensors().get("model.layers.1.mlp.up_proj.weight"))
                .orElseThrow();
        float[] values = matrix.toFloats();
        values[40] = Float.NaN;
        model.writeChanged(
                damaged,
                model.config(),
                Map.of(matrix.name(), StoredTensor.ofFloats(matrix.name(), matrix.shape(), values)),
                Manifest.untrained());
        CommandRun.of("quantize", "--model", damaged, "--text", bench.corpus(), "--out", folder.resolve("none"))
                .isRefused("damaged", "NaN or infinite");
        CommandRun.of("generate", "--model", damaged, "--prompt", "the", "--weights", "int8")
                .isRefused("model.layers.1.mlp.up_proj.weight", "NaN");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void wrongUseIsRefused() throws IOException {
        quantize(folder.resolve("wide"), "--weights", "bfloat16")
                .isRefused("--weights", "int8, int6 or int4", "bfloat16");
        quantize(bench.model()).isRefused("the folder is not empty");
        assertThat(folder.resolve("wide")).doesNotExist();
        Path text = folder.resolve("one.txt");
        Files.writeString(text, "a b");
        CommandRun.of("quantize", "--model", bench.model(), "--text", text, "--out", folder.resolve("short"))
                .isRefused("text");
    }
}
