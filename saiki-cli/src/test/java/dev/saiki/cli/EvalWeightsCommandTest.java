package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvalWeightsCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
    }

    @Test
    void eachFormatIsComparedWithFloat32() throws IOException {
        Path out = folder.resolve("out/weights.json");
        CommandRun run = CommandRun.of(
                        "eval", "weights", "--model", bench.model(), "--text", bench.corpus(), "--out", out)
                .succeeds();
        assertThat(run.out()).contains("float32", "bfloat16", "int8", "int6", "int4");
        JsonNode formats = JsonMapper.shared().readTree(Files.readString(out));
        assertThat(IntStream.range(0, formats.size())
                        .mapToObj(i -> formats.get(i).get("format").stringValue()))
                .containsExactly("float32", "bfloat16", "int8", "int6", "int4");
        JsonNode exact = formats.get(0);
        assertThat(exact.get("change").get("mean").doubleValue()).isZero();
        assertThat(exact.get("other_tokens").doubleValue()).isZero();
        for (int i = 1; i < formats.size(); i++) {
            JsonNode format = formats.get(i);
            double change = format.get("nll").doubleValue() - exact.get("nll").doubleValue();
            assertThat(format.get("change").get("mean").doubleValue()).isBetween(change - 1e-9, change + 1e-9);
            assertThat(format.get("bytes").longValue())
                    .isLessThan(formats.get(i - 1).get("bytes").longValue());
            assertThat(format.get("tokens_per_second").doubleValue()).isPositive();
        }
    }

    @Test
    void tooLittleTextIsRefused() throws IOException {
        Path text = folder.resolve("one.txt");
        Files.writeString(text, "a");
        CommandRun.of("eval", "weights", "--model", bench.model(), "--text", text)
                .isRefused("the text must have at least two tokens");
    }
}
