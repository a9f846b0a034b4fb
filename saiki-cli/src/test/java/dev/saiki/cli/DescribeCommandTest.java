package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class DescribeCommandTest {

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "135m-vanilla, 309657600",
        "135m-recursive3, 330301440",
        "135m-mor3-expert, 216596480",
        "360m-vanilla, 833617920",
        "360m-recursive3, 833617920",
        "360m-recursive4, 885719040",
        "360m-mor2-expert, 623493120",
        "360m-mor3-expert, 555636053",
        "360m-mor4-expert, 553451520",
        "360m-mor3-expert-kv-recursive, 536248320",
        "730m-vanilla, 1635778560",
        "730m-recursive3, 1635778560",
        "730m-mor3-expert, 1110092459",
        "1.7b-vanilla, 3422552064",
        "1.7b-recursive3, 3707764736",
        "1.7b-mor3-expert, 2537087886"
    })
    void flopsOfTheShippedRecipesAreThePapers(String recipe, long flops) {
        JsonNode json = CommandRun.of("describe", "--recipe", recipe, "--json")
                .succeeds()
                .json();
        assertThat(json.at("/flops_per_token/forward").asLong()).isEqualTo(flops);
        assertThat(json.at("/flops_per_token/forward").isIntegralNumber()).isTrue();
    }

    @Test
    void parametersOfTheMainModelAreExact() {
        JsonNode json = CommandRun.of("describe", "--recipe", "360m-mor3-expert", "--json")
                .succeeds()
                .json();
        assertThat(json.at("/parameters/non_embedding").asLong()).isEqualTo(117_991_680);
        assertThat(json.at("/parameters/total").asLong()).isEqualTo(117_991_680 + 49_152 * 960);
        List<Integer> layers = new ArrayList<>();
        json.at("/layers").forEach(layer -> layers.add(layer.asInt()));
        assertThat(layers).hasSize(32).startsWith(0, 1, 2).endsWith(9, 10, 11).containsOnlyOnce(0, 11);
        assertThat(json.at("/cache_bytes_per_token").isNumber()).isTrue();
    }

    @Test
    void theTableSaysTheSame() {
        String table = CommandRun.of("describe", "--recipe", "360m-mor3-expert")
                .succeeds()
                .out();
        assertThat(table)
                .contains(
                        "117,991,680 non-embedding", "555,636,053 per token", "expert_choice", "32 unrolled, 12 unique")
                .contains("0 | 1 2 3 4 5 6 7 8 9 10 | 1 2 3 4 5 6 7 8 9 10 | 1 2 3 4 5 6 7 8 9 10 | 11");
    }

    @Test
    void trainingAtFullDepthIsCountedWithItsExits() {
        Object[] words = {"describe", "--recipe", "small-mor3-gain"};
        assertThat(CommandRun.of(words).succeeds().out())
                .contains("FLOPs per token, forward, at 256 tokens a sequence; 25% of the micro-batches at full depth");
        Object[] json = Arrays.copyOf(words, words.length + 1);
        json[words.length] = "--json";
        assertThat(CommandRun.of(json)
                        .succeeds()
                        .json()
                        .at("/flops_per_token/training_forward")
                        .asLong())
                .isEqualTo(
                        Math.round(Recipe.builtIn("small-mor3-gain", List.of()).forwardFlopsPerToken()));
    }

    @Test
    void gatesOfStepsAreNamedAndCounted() {
        Object[] words = {"describe", "--recipe", "small-mor3-expert", "--set", "model.vocab_size=4096"};
        Object[] gated = Arrays.copyOf(words, words.length + 4);
        gated[words.length] = "model.recursion.step_gates=true";
        gated[words.length + 1] = "model.routing.alpha=";
        gated[words.length + 2] = "model.routing.gating=";
        gated[words.length + 3] = "model.routing.router_func=";
        assertThat(CommandRun.of(gated).succeeds().out()).contains("middle_cycle, step gates, expert_choice");
        assertThat(total(gated)).isEqualTo(total(words) + 3);
    }

    @Test
    void whatStepsHaveOfTheirOwnIsNamedAndCounted() {
        Object[] words = {"describe", "--recipe", "small-mor3-expert", "--set", "model.vocab_size=4096"};
        Object[] own = Arrays.copyOf(words, words.length + 2);
        own[words.length] = "model.recursion.step_lora.rank=4";
        own[words.length + 1] = "model.recursion.step_norms=true";
        assertThat(CommandRun.of(own).succeeds().out())
                .contains("middle_cycle, low-rank updates of steps (rank 4), norms of steps, expert_choice");
        assertThat(total(own)).isGreaterThan(total(words));
    }

    @Test
    void aNarrowEmbeddingIsNamedAndCounted() {
        Object[] words = {"describe", "--recipe", "small-mor3-expert", "--set", "model.vocab_size=4096"};
        Object[] narrow = Arrays.copyOf(words, words.length + 1);
        narrow[words.length] = "model.embedding_size=32";
        assertThat(CommandRun.of(narrow).succeeds().out()).contains("tied, embedding of size 32, projected");
        assertThat(total(narrow)).isLessThan(total(words));
    }

    @Test
    void whatIsFrozenIsCounted() {
        Object[] words = {
            "describe",
            "--recipe",
            "small-mor3-expert",
            "--set",
            "model.vocab_size=4096",
            "optimizer.trained=[model.routers.*, model.norm.weight]"
        };
        Object[] asJson = Arrays.copyOf(words, words.length + 1);
        asJson[words.length] = "--json";
        JsonNode json = CommandRun.of(asJson).succeeds().json();
        long width = json.at("/config/hidden_size").asLong();
        assertThat(json.at("/parameters/trained").asLong()).isEqualTo(4 * width);
        assertThat(CommandRun.of(words).succeeds().out())
                .containsPattern("trained +1,024 parameters in 4 tensors; [0-9,]+ in [0-9]+ are frozen\n");
        assertThat(CommandRun.of("describe", "--recipe", "small-mor3-expert", "--set", "model.vocab_size=4096")
                        .succeeds()
                        .out())
                .doesNotContain("frozen");
    }

    private static long total(Object[] words) {
        Object[] json = Arrays.copyOf(words, words.length + 1);
        json[words.length] = "--json";
        return CommandRun.of(json).succeeds().json().at("/parameters/total").asLong();
    }

    @Test
    void moreLayersOfTheirOwnAreShownAtTheirEnds() {
        String table = CommandRun.of(
                        "describe",
                        "--recipe",
                        "small-mor3-expert",
                        "--set",
                        "model.vocab_size=4096",
                        "model.num_hidden_layers=10",
                        "model.recursion.entry_layers=3",
                        "model.recursion.exit_layers=1")
                .succeeds()
                .out();
        assertThat(table)
                .contains("middle_cycle, 3 entry and 1 exit layers, expert_choice")
                .contains("10 unrolled, 6 unique: 0 1 2 | 3 4 | 3 4 | 3 4 | 5");
    }

    @Test
    void aTrainingInWhichRecursionsComeLateIsDescribed() {
        Object[] words = {
            "describe",
            "--recipe",
            "small-mor3-expert",
            "--set",
            "model.vocab_size=4096",
            "schedule.forward_flops=1e13",
            "schedule.recursions=[{from: 0, depth: 1}, {from: 0.7, depth: 3}]"
        };
        assertThat(CommandRun.of(words).succeeds().out())
                .contains("training", "depth 1 from step 1, depth 3 from step")
                .contains("forward FLOPs (");
        Object[] json = Arrays.copyOf(words, words.length + 1);
        json[words.length] = "--json";
        JsonNode training = CommandRun.of(json).succeeds().json().at("/training");
        assertThat(training.at("/forward_flops").asDouble()).isCloseTo(1e13, withinPercentage(1));
        assertThat(training.at("/recursions/1/from_step").asLong())
                .isEqualTo(1 + Math.round(0.7 * training.at("/steps").asLong()));
        assertThat(training.at("/recursions/0/forward_flops_per_token").asDouble())
                .isLessThan(training.at("/forward_flops_per_token").asDouble());
    }

    @Test
    void layersThatDoNotFitAreLoweredWithAWarningBesideTheResult() {
        CommandRun run = CommandRun.of(
                        "describe", "--recipe", "360m-recursive3", "--set", "model.recursion.sharing=cycle", "--json")
                .succeeds();
        assertThat(run.err()).contains("warning", "32", "30");
        assertThat(run.json().at("/layers").size()).isEqualTo(30);
    }

    @Test
    void recipeAndItsCheckpointAreDescribedAlike() {
        Path recipe = folder.resolve("recipe.yaml");
        Workbench.write(recipe, Workbench.RECIPE);
        Path model = folder.resolve("model");
        CommandRun.of("train", "init", "--recipe", recipe, "--seed", 3, "--out", model)
                .succeeds();
        assertThat(CommandRun.of("describe", "--model", model, "--json")
                        .succeeds()
                        .json())
                .isEqualTo(CommandRun.of("describe", "--recipe", recipe, "--json")
                        .succeeds()
                        .json());
    }

    @Test
    void whatDiffersFromLlamaIsNamed() {
        Path model = Path.of("..", "golden", "families", "qwen3_bias_parameters");
        assertThat(CommandRun.of("describe", "--model", model).succeeds().out())
                .contains("vanilla qwen3", "biases on queries, keys and values, attention's output")
                .contains("norms on each head of queries and keys", "yarn scaling by 4 from 32, magnitude 1.3000");
        JsonNode json = CommandRun.of("describe", "--model", model.resolveSibling("smollm3_window"), "--json")
                .succeeds()
                .json();
        assertThat(json.at("/architecture/family").asString()).isEqualTo("smollm3");
        assertThat(json.at("/architecture/sliding_window/size").asInt()).isEqualTo(11);
        assertThat(json.at("/architecture/unrotated_layers").toString()).isEqualTo("[1,3]");
        assertThat(json.at("/config/model_type").asString()).isEqualTo("smollm3");
    }
}
