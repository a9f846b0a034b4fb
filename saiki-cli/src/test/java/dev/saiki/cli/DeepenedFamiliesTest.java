package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/// Tests that a model of a family unlike Llama can be deepened with the recipe that we publish, and that one pass of
/// the result equals the model, bit for bit.
final class DeepenedFamiliesTest {

    private static final Path RECIPE = Path.of("..", "recipes", "deepen.yaml");

    @TempDir
    private Path folder = Path.of("");

    static Stream<Arguments> models() {
        return RandomFamilies.all()
                .filter(arguments -> Stream.of("gemma3, windows, tied", "mixtral", "qwen3_moe", "granitemoe")
                        .anyMatch(name -> name.equals(arguments.get()[0])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void onePassOfADeepenedModelIsItsBaseBitForBit(String name, ObjectNode json) throws IOException {
        Workbench bench = Workbench.in(folder);
        Path base = RandomFamilies.write(folder.resolve("base"), json.put("vocab_size", 280), 11);
        Files.copy(bench.tokenizer(), base.resolve("tokenizer.json"));
        Path deepened = folder.resolve("deepened");

        CommandRun.of(
                        "train",
                        "--recipe",
                        RECIPE,
                        "--init-from",
                        base,
                        "--out",
                        deepened,
                        "--set",
                        "data.dataset=" + bench.data(),
                        "schedule.steps=4",
                        "batch.sequence_length=64",
                        "metrics.validation_sequences=2",
                        "schedule.calibrate_tokens=200")
                .succeeds();

        CommandRun.of("certify", "check", "--model", deepened).succeeds();
        double[] ofBase = logprobs(base, RouteSettings.MODEL);
        assertThat(logprobs(deepened, RouteSettings.within(1, 1))).isEqualTo(ofBase);
        assertThat(logprobs(deepened, RouteSettings.within(2, 2))).isNotEqualTo(ofBase);
    }

    private static double[] logprobs(Path model, RouteSettings settings) throws IOException {
        int[] text = new Random(5).ints(60, 1, 280).toArray();
        try (Engine engine = Engine.open(CheckpointDirectory.open(model), EngineOptions.DEFAULT)) {
            return engine.score(text, settings).join().logprobs();
        }
    }
}
