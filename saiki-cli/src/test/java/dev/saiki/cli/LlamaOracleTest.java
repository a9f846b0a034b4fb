package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.ScoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Compares the logits of models with those of llama.cpp: for each family, beyond the original context, with an
/// attention window, and unrolled. Runs with `-Pllama`, where LLAMA_ORACLE is the path of the program that
/// `saiki-cli/src/test/llama/build.sh` builds.
@Tag("llama")
class LlamaOracleTest {

    private static final int POSITIONS = 128;
    private static final int MANY_POSITIONS = 1_500;
    private static final int WINDOW = 11;

    @TempDir
    private Path folder = Path.of("");

    static Stream<Arguments> models() {
        return RandomFamilies.all();
    }

    static Stream<Arguments> sharings() {
        return Stream.of("llama", "qwen3", "olmo2")
                .flatMap(family -> Stream.of(ParameterSharing.values()).map(sharing -> Arguments.of(family, sharing)));
    }

    private static int[] ids(long seed, int positions) {
        return new Random(seed).ints(positions, 0, RandomFamilies.VOCABULARY).toArray();
    }

    private Path exported(Path model, Object... options) {
        String name = Stream.concat(Stream.of(model.getFileName()), Stream.of(options))
                .map(String::valueOf)
                .collect(Collectors.joining("-"));
        Path gguf = folder.resolve(name + ".gguf");
        CommandRun.of(Stream.concat(
                                Stream.of("export", "--model", model, "--format", "gguf", "--out", gguf),
                                Stream.of(options))
                        .toArray())
                .succeeds();
        return gguf;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void llamaCppComputesWhatWasExported(String name, ObjectNode json) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        for (long seed = 1; seed <= 3; seed++) {
            Path model = RandomFamilies.write(folder.resolve("model-" + seed), json, seed);
            Path gguf = exported(model);
            int[] ids = ids(seed, POSITIONS);
            Parity.assertAlike(name, model, ids, llama.logits(gguf, ids));
            Path back = folder.resolve("back-" + seed);
            CommandRun.of("import", gguf, "--out", back).succeeds();
            Parity.assertSameTensors(name + ", back", back, model);
            assertThat(Parity.logits(back, ids, ScoreOptions.CAUSAL))
                    .as("%s, back", name)
                    .isEqualTo(Parity.logits(model, ids, ScoreOptions.CAUSAL));
        }
    }

    /// Positions beyond twenty times the original context.
    @ParameterizedTest
    @ValueSource(strings = {"llama3", "yarn", "linear"})
    void positionsFarBeyondTheFirstContextAreTheSame(String scaling) throws IOException {
        ObjectNode json = RandomFamilies.scaled(
                RandomFamilies.plain("llama")
                        .put("num_hidden_layers", 2)
                        .put("rope_theta", 500_000.0)
                        .put("max_position_embeddings", 2048),
                scaling,
                32);
        Path model = RandomFamilies.write(folder.resolve("long"), json, 1);
        int[] ids = ids(1, MANY_POSITIONS);
        Parity.assertAlike(scaling, model, ids, new LlamaCpp(folder).logits(exported(model), ids));
    }

    /// llama.cpp has no attention window for these families, so the test removes old positions from its cache.
    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2", "qwen3"})
    void aWindowForgetsWhatLlamaCppsCacheForgets(String family) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        for (long seed = 1; seed <= 3; seed++) {
            Path model = RandomFamilies.write(folder.resolve("model-" + seed), RandomFamilies.plain(family), seed);
            ObjectNode json = RandomFamilies.plain(family).put("sliding_window", WINDOW);
            if (!family.equals("mistral")) {
                json.put("use_sliding_window", true).put("max_window_layers", 0);
            }
            Path windowed = RandomFamilies.write(folder.resolve("windowed-" + seed), json, seed);
            assertThat(CheckpointDirectory.open(windowed)
                            .config()
                            .architecture()
                            .slidingWindow()
                            .orElseThrow()
                            .layers())
                    .hasSize(5);
            int[] ids = ids(seed, POSITIONS);
            Parity.assertAlike(family, windowed, ids, llama.logitsInWindow(exported(model), ids, WINDOW));
            CommandRun.of("export", "--model", windowed, "--format", "gguf", "--out", folder.resolve("windowed.gguf"))
                    .isRefused("sliding_window " + WINDOW);
        }
    }

    /// A recursive model at a fixed depth, and the vanilla model that it is exported as.
    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("sharings")
    void llamaCppComputesARecursiveModelAtAnyDepth(String family, ParameterSharing sharing) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        ObjectNode json = RandomFamilies.tied(RandomFamilies.plain(family)).put("num_hidden_layers", 8);
        ModelConfig recursive = ModelConfig.fromJson(json, "test")
                .withNumHiddenLayers(sharing.hasUnsharedEnds() ? 8 : 6)
                .withRecursion(Optional.of(new Recursion(sharing, 3)), new Routing.None(), KeyValueSharing.NONE);
        Path model = RandomFamilies.write(folder.resolve("recursive"), recursive.toJson(), 5);
        int[] ids = ids(5, POSITIONS);
        for (int depth = 1; depth <= 3; depth++) {
            String what = "depth " + depth;
            Path gguf = exported(model, "--max-depth", depth);
            float[] theirs = llama.logits(gguf, ids);
            Parity.assertAlike(what, Parity.logits(model, ids, Parity.deep(depth)), theirs, ids.length);
            Path unrolled = folder.resolve("unrolled-" + depth);
            CommandRun.of("import", gguf, "--out", unrolled).succeeds();
            Parity.assertAlike(what + ", unrolled", unrolled, ids, theirs);
        }
    }
}
