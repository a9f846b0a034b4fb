package dev.saiki.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.io.InputException;
import dev.saiki.train.schedule.LearningRateSchedule;
import dev.saiki.train.schedule.WarmupStableDecay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Compares every recipe that is shipped with Saiki with the paper's numbers.
class ShippedRecipesTest {

    private static final Path FOLDER = Path.of("..", "recipes");

    /// Recipes without a model of their own, which need `--init-from`.
    private static final List<String> FOR_A_MODEL =
            List.of("deepen", "deepen-fixed", "finetune-chat", "finetune-domain");

    private static final String BASE = "initialisation.from=" + Path.of("..", "golden", "stories260k", "checkpoint");

    private static Path file(String name) {
        return Stream.of("", "paper", "ablations", "studies")
                .map(folder -> FOLDER.resolve(folder).resolve(name + ".yaml"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }

    static List<String> allRecipes() {
        return BuiltInRecipes.names().stream()
                .filter(name -> !FOR_A_MODEL.contains(name))
                .toList();
    }

    @Test
    void builtInRecipesAreThoseOfTheFolder() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".yaml")))
                    .containsExactlyInAnyOrderElementsOf(BuiltInRecipes.names().stream()
                            .map(name -> name + ".yaml")
                            .toList());
        }
    }

    @Test
    void anOldPathIsRefusedWithTheNewOne() {
        assertThatThrownBy(() -> Recipe.load(FOLDER.resolve("360m-vanilla.yaml"), List.of()))
                .isInstanceOf(InputException.class)
                .hasMessage(FOLDER.resolve("360m-vanilla.yaml") + ": no such recipe; it is now "
                        + FOLDER.resolve("paper").resolve("360m-vanilla.yaml"));
    }

    @Test
    void aNameIsEnoughForABuiltInRecipe() {
        assertThat(Recipe.load(Path.of("360m-mor3-expert"), List.of()))
                .isEqualTo(Recipe.builtIn("360m-mor3-expert", List.of()));
    }

    @ParameterizedTest
    @MethodSource("allRecipes")
    void everyRecipeLoadsWithoutAWarningAndItsResolvedFormReadsBackEqual(String name) {
        List<String> warnings = new ArrayList<>();
        Recipe recipe = Recipe.load(file(name), List.of(), warnings::add);
        assertThat(warnings).isEmpty();
        assertThat(Recipe.builtIn(name, List.of())).isEqualTo(recipe);
        assertThat(Recipe.parse(recipe.toYaml(), List.of())).isEqualTo(recipe);
        long steps = recipe.totalSteps(0);
        LearningRateSchedule schedule =
                recipe.schedule().learningRate(recipe.optimizer().learningRate(), steps, OptionalLong.empty());
        assertThat(schedule.totalSteps()).isEqualTo(steps);
    }

    @ParameterizedTest
    @FieldSource("FOR_A_MODEL")
    void recipesForAModelLoadWithOneAndAreRefusedWithout(String name) {
        List<String> warnings = new ArrayList<>();
        Recipe recipe = Recipe.load(file(name), List.of(BASE), warnings::add);
        assertThat(warnings).isEmpty();
        assertThat(Recipe.builtIn(name, List.of(BASE))).isEqualTo(recipe);
        assertThat(Recipe.parse(recipe.toYaml(), List.of())).isEqualTo(recipe);
        assertThat(recipe.model().shape().hiddenSize()).isEqualTo(64);
        assertThat(recipe.model().shape().numRecursions()).isEqualTo(name.startsWith("deepen") ? 2 : 1);
        assertThatThrownBy(() -> Recipe.builtIn(name, List.of())).isInstanceOf(InputException.class);
    }

    @ParameterizedTest
    @MethodSource("allRecipes")
    void everyRecipeHasItsNumbersInATableBelow(String name) throws NoSuchMethodException {
        CsvSource table = ShippedRecipesTest.class
                .getDeclaredMethod("parametersAreThoseOfThePaper", String.class, long.class, int.class, String.class)
                .getAnnotation(CsvSource.class);
        assertThat(table.textBlock().lines().map(line -> line.split(",", 2)[0].strip()))
                .contains(name);
    }

    /// The columns: non-embedding parameters, unrolled layers, what the paper prints (millions, rounded; `-` if
    /// nothing).
    @ParameterizedTest
    @CsvSource(textBlock = """
                    135m-vanilla,                     106203456, 30, 106
                    135m-vanilla-15-layers,            53102016, 15, 53
                    135m-vanilla-10-layers,            35401536, 10, 35
                    135m-recursive2-cycle,             53102016, 30, 53
                    135m-recursive2-sequence,          53102016, 30, 53
                    135m-recursive2,                   56642112, 30, 57
                    135m-recursive2-middle-sequence,   56642112, 30, 57
                    135m-recursive3-cycle,             35401536, 30, 35
                    135m-recursive3-sequence,          35401536, 30, 35
                    135m-recursive3-9-layers,          38941632, 29, 39
                    135m-recursive3-middle-sequence,   38941632, 29, 39
                    135m-recursive3,                   42481728, 32, 42
                    135m-mor3-expert,                  42483456, 32, 42
                    360m-vanilla,                     314635200, 32, 315
                    360m-vanilla-30-layers,           294970560, 30, 295
                    360m-vanilla-16-layers,           157318080, 16, 157
                    360m-vanilla-12-layers,           117988800, 12, 118
                    360m-vanilla-10-layers,            98324160, 10, 98
                    360m-recursive2-cycle,            157318080, 32, 157
                    360m-recursive2-sequence,         157318080, 32, 157
                    360m-recursive2,                  167150400, 32, 167
                    360m-recursive2-middle-sequence,  167150400, 32, 167
                    360m-recursive2-kv-recursive,     167150400, 32, 167
                    360m-recursive3-cycle,             98324160, 30, 98
                    360m-recursive3-sequence,          98324160, 30, 98
                    360m-recursive3,                  117988800, 32, 118
                    360m-recursive3-middle-sequence,  117988800, 32, 118
                    360m-recursive3-kv-recursive,     117988800, 32, 118
                    360m-recursive4,                   98324160, 34, 98
                    360m-mor2-expert,                 167152320, 32, 167
                    360m-mor2-expert-10-layers,       117990720, 22, 118
                    360m-mor3-expert,                 117991680, 32, 118
                    360m-mor3-expert-kv-recursive,    117991680, 32, 118
                    360m-mor3-expert-kv-hybrid,       117991680, 32, 118
                    360m-mor3-auxiliary-router,       129059520, 32, -
                    360m-mor3-random,                 117988800, 32, 118
                    360m-mor3-threshold,              117991680, 32, -
                    360m-mor3-token,                  117991680, 32, 118
                    360m-mor3-token-loss-free,        117991680, 32, 118
                    360m-mor3-token-kv-recursive,     117991680, 32, 118
                    360m-mor4-expert,                  98328000, 34, 98
                    730m-vanilla,                     654392832, 26, 654
                    730m-recursive3-cycle,            251690496, 30, 252
                    730m-recursive3,                  251690496, 26, 252
                    730m-mor3-expert,                 251695104, 26, 252
                    1.7b-vanilla,                    1610713088, 24, 1611
                    1.7b-recursive2,                  872470528, 24, 872
                    1.7b-recursive3,                  671131648, 26, 671
                    1.7b-mor2-expert,                 872474624, 24, 872
                    1.7b-mor3-expert,                 671137792, 26, 671
                    1.7b-mor3-token,                  671137792, 26, 671
                    small-vanilla,                      5902592,  8, -
                    small-recursive2,                   3689216,  8, -
                    small-mor2-expert,                  3689728,  8, -
                    small-mor2-token,                   3689728,  8, -
                    small-recursive3,                   2951424,  8, -
                    small-mor3-expert,                  2952192,  8, -
                    small-mor3-token,                   2952192,  8, -
                    small-mor2-threshold,               3689728,  8, -
                    small-mor3-threshold,               2952192,  8, -
                    small-mor3-gain,                    2952195,  8, -
                    small-mor3-late,                    2952195,  8, -
                    small-random3,                      2951424,  8, -
                    small-mor2-position,                3689728,  8, -
                    small-mor3-position,                2952192,  8, -
                    small-vanilla-4-layers,             2951424,  4, -
                    small-vanilla-5-layers,             3689216,  5, -
                    small-vanilla-6-layers,             4427008,  6, -
                    problems,                            150976,  6, -
                    tiny-mor3-threshold,                 185088,  8, -
                    tiny-mor3-expert,                    185088,  8, -
                    """)
    void parametersAreThoseOfThePaper(String name, long nonEmbedding, int layers, String printedMillions) {
        ModelConfig config = Recipe.builtIn(name, List.of()).model().config();
        Accounting accounting = Accounting.of(config);
        assertThat(accounting.nonEmbeddingParameters()).isEqualTo(nonEmbedding);
        assertThat(accounting.totalParameters())
                .isEqualTo(nonEmbedding + (long) config.vocabSize() * config.hiddenSize());
        assertThat(accounting.layers()).hasSize(layers);
        if (!printedMillions.equals("-")) {
            assertThat(Math.round(nonEmbedding / 1e6)).isEqualTo(Long.parseLong(printedMillions));
        }
    }

    /// The columns: forward FLOPs per token, steps at the budgets 16.5e18, 5e18 and 2e18. At 5e18 the 730M
    /// baseline comes to 1457.52 steps, rounded here as everywhere else; the collected facts have it cut to
    /// 1457.
    @ParameterizedTest
    @CsvSource(textBlock = """
                    135m-vanilla,                   309657600, 25408, 7699, 3080
                    135m-recursive3,                330301440, 23820, 7218, 2887
                    135m-mor3-expert,               216596480, 36325, 11008, 4403
                    360m-vanilla,                   833617920,  9438, 2860, 1144
                    360m-recursive2,                833617920,  9438, 2860, 1144
                    360m-recursive3,                833617920,  9438, 2860, 1144
                    360m-recursive4,                885719040,  8883, 2692, 1077
                    360m-mor2-expert,               623493120, 12619, 3824, 1530
                    360m-mor3-expert,               555636053, 14160, 4291, 1716
                    360m-mor3-token,                555636053, 14160, 4291, 1716
                    360m-mor4-expert,               553451520, 14216, 4308, 1723
                    360m-mor3-expert-kv-recursive,  536248320, 14672, 4446, 1778
                    730m-vanilla,                  1635778560,  4810, 1458, 583
                    730m-recursive3,               1635778560,  4810, 1458, 583
                    730m-mor3-expert,              1110092459,  7088, 2148, 859
                    1.7b-vanilla,                  3422552064,  2299, 697, 279
                    1.7b-recursive3,               3707764736,  2122, 643, 257
                    1.7b-mor3-expert,              2537087886,  3101, 940, 376
                    """)
    void flopsAndStepsAreThoseOfThePaper(String name, long flops, long main, long middle, long smallest) {
        Recipe recipe = Recipe.builtIn(name, List.of());
        assertThat(Math.round(Accounting.of(recipe.model().config()).forwardFlopsPerToken()))
                .isEqualTo(flops);
        assertThat(recipe.totalSteps(0)).isEqualTo(main);
        assertThat(stepsAt(name, "5e18")).isEqualTo(middle);
        assertThat(stepsAt(name, "2e18")).isEqualTo(smallest);
    }

    /// The columns: peak, steps, warm-up and decay of the released configurations (whose MoR-3 has one step more).
    @ParameterizedTest
    @CsvSource({
        "360m-vanilla, 9438, 57, 1888",
        "360m-recursive2, 9438, 57, 1888",
        "360m-recursive3-middle-sequence, 9438, 57, 1888",
        "360m-recursive4, 8883, 57, 1777",
        "360m-mor2-expert, 12619, 86, 2524",
        "360m-mor3-expert, 14160, 86, 2832",
        "360m-mor4-expert, 14216, 86, 2843",
        "360m-mor3-expert-kv-recursive, 14672, 86, 2934",
        "360m-mor3-token, 14160, 86, 2832",
    })
    void schedulesAreThoseOfTheReleasedConfigurations(String name, long steps, long warmup, long decay) {
        Recipe recipe = Recipe.builtIn(name, List.of());
        assertThat(recipe.schedule().learningRate(3e-3, recipe.totalSteps(0), OptionalLong.empty()))
                .isEqualTo(new WarmupStableDecay(3e-3, steps, warmup, decay, 0));
    }

    @Test
    void smallRecipesSpendEqualForwardFlops() {
        List<String> small =
                allRecipes().stream().filter(name -> name.startsWith("small-")).toList();
        assertThat(small).hasSize(17).allSatisfy(name -> {
            Recipe recipe = Recipe.builtIn(name, List.of());
            double spent = recipe.totalSteps(0) * recipe.batch().tokens() * recipe.forwardFlopsPerToken();
            assertThat(spent / 1e14).as(name).isBetween(0.999, 1.001);
        });
    }

    @ParameterizedTest
    @CsvSource({"small-mor2", "small-mor3", "360m-mor3"})
    void expertThresholdCostsAtItsDefaultEffortWhatExpertChoiceCosts(String family) {
        assertThat(flops(family + "-threshold") / flops(family + "-expert")).isBetween(0.99, 1.01);
    }

    private static double flops(String name) {
        return Accounting.of(Recipe.builtIn(name, List.of()).model().config()).forwardFlopsPerToken();
    }

    @Test
    void everyRecipeSaysWhatItIs() {
        assertThat(allRecipes()).allSatisfy(name -> assertThat(read(name)).startsWith("# "));
    }

    private static String read(String name) {
        try {
            return Files.readString(file(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long stepsAt(String name, String budget) {
        return Recipe.builtIn(name, List.of("schedule.forward_flops=" + budget)).totalSteps(0);
    }
}
