package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class CalibrateCommandTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);
    private static Path text = Path.of("");

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
        text = folder.resolve("long");
        for (int document = 0; document < 10; document++) {
            Random random = new Random(document);
            StringBuilder words = new StringBuilder();
            while (words.length() < 24_000) {
                words.append((char) ('a' + random.nextInt(26))).append(random.nextInt(4) == 0 ? " " : "");
            }
            Workbench.write(text.resolve("text-" + document + ".txt"), words + "\n");
        }
    }

    @Test
    void thresholdsAreFittedAndToldAndTheModelStaysAsItIs() throws IOException {
        Map<String, Integer> before = contents(bench.model());
        Path out = folder.resolve("calibrated");
        CommandRun run = CommandRun.of(
                        "calibrate", "--model", bench.model(), "--data", text, "--out", out, "--tokens", 100_000)
                .succeeds();
        assertThat(run.out())
                .contains("10 documents, sha256 ", "other tokens (split by documents)", "calibrated model in " + out);
        assertThat(contents(bench.model())).isEqualTo(before);
        assertThat(out.resolve("tokenizer.json"))
                .hasSameBinaryContentAs(bench.model().resolve("tokenizer.json"));
        assertThat(CommandRun.of("describe", "--model", out).succeeds().out())
                .contains("calibrated  at ", "step 1: threshold 0.", ", was 0.50000; takes 0.", "step 2: ");
        JsonNode step = CommandRun.of("describe", "--model", out, "--json")
                .succeeds()
                .json()
                .at("/calibrations/0/steps/1");
        assertThat(step.at("/step").asInt()).isEqualTo(2);
        assertThat(step.at("/share_after").asDouble())
                .isCloseTo(step.at("/asked").asDouble(), within(0.02));
        CommandRun.of("eval", "score", "--model", out, "--text", "the sea").succeeds();
    }

    @Test
    void asManyAsAreAskedForGoOn() {
        JsonNode result = CommandRun.of(
                        "calibrate",
                        "--model",
                        bench.model(),
                        "--data",
                        text,
                        "--shares",
                        "1,0.2,0.1",
                        "--tokens",
                        100_000,
                        "--out",
                        folder.resolve("asked"),
                        "--json")
                .succeeds()
                .json();
        assertThat(result.at("/steps/0/asked").asDouble()).isEqualTo(0.2);
        assertThat(result.at("/steps/0/share_after").asDouble()).isCloseTo(0.2, within(0.02));
        assertThat(result.at("/steps/1/share_after").asDouble()).isCloseTo(0.5, within(0.02));
        assertThat(result.at("/text/sha256").asString()).hasSize(64);
    }

    @Test
    void wrongUseIsRefusedInOneLine() {
        Object[] words = {"calibrate", "--model", bench.model(), "--out", folder.resolve("none"), "--data"};
        CommandRun.of(with(words, bench.corpus())).isRefused("texts with a space must have at least 100000 tokens");
        CommandRun.of(with(words, text, "--tokens", 99_999)).isRefused("the number of tokens must be at least 100000");
        CommandRun.of(with(words, text, "--shares", "1,2"))
                .isRefused("the shares of all tokens at each step must be 3");
        CommandRun.of("calibrate", "--model", bench.model(), "--data", text, "--out", bench.model())
                .isRefused("is not empty");
        CommandRun.of(
                        "calibrate",
                        "--model",
                        bench.model(),
                        "--data",
                        text,
                        "--out",
                        bench.model().resolve("inside"))
                .isRefused("--out must be outside");
        assertThat(folder.resolve("none")).doesNotExist();
    }

    private static Object[] with(Object[] words, Object... more) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray();
    }

    private static Map<String, Integer> contents(Path directory) throws IOException {
        Map<String, Integer> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(String.valueOf(file.getFileName()), java.util.Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return contents;
    }
}
