package dev.saiki.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.plan.Budgets;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Plans in YAML, and the messages for wrong plans.
class StudyPlanTest {

    private static final Path SHIPPED = Path.of("..", "plans");

    private static final String GOOD = """
        name: a study
        data: {corpus: built_in, join_lines: true, piece_characters: 30000, vocab_size: 512, validation_fraction: 0.1}
        settings:
          batch: {sequences: 2, micro_batch_sequences: 1}
        sizes:
          small: {model: {hidden_size: 32, head_dim: 8}}
          large:
            model.hidden_size: 48
        families:
          vanilla: {recipe: small-vanilla, learning_rate: 1e-3}
          mor:
            recipe: small-mor3-expert
            settings: {model: {routing: {capacity: [1, 0.5, 0.25]}}}
            learning_rates: [1e-3, 2e-3]
        budgets: [1e9, 4e9]
        seeds: [0, 7]
        sweep: {size: large, budget: 4e9}
        evaluation:
          rows: 40
          gains: {samples: 300}
          more:
            shallow: {kind: held_out, max_depth: 1}
            ranked: {kind: held_out, routing: top_k}
            exit60: {kind: early_exit, share: 0.6}
            exit80: {kind: early_exit, share: 0.8, confidence: saturation}
        """;

    @TempDir
    private Path folder;

    private StudyPlan read(String yaml) throws IOException {
        Path file = folder.resolve("plan.yaml");
        Files.writeString(file, yaml);
        return StudyPlan.read(file);
    }

    @Test
    void everyKeyArrivesWhereItBelongs() throws IOException {
        StudyPlan plan = read(GOOD);
        assertThat(plan.name()).isEqualTo("a study");
        assertThat(plan.data())
                .isEqualTo(new StudyPlan.TextSource.OfCorpus(
                        List.of(), true, Optional.of(30_000), new StudyPlan.Vocabulary.Learned(512), 0.1));
        assertThat(plan.sizes())
                .extracting(StudyPlan.Size::name, StudyPlan.Size::settings)
                .containsExactly(
                        tuple("small", List.of("model.hidden_size=32", "model.head_dim=8")),
                        tuple("large", List.of("model.hidden_size=48")));
        StudyPlan.Family mor = plan.families().get(1);
        assertThat(mor.settings())
                .containsExactly(
                        "batch.sequences=2", "batch.micro_batch_sequences=1", "model.routing.capacity=[1,0.5,0.25]");
        assertThat(mor.learningRates()).containsExactly(1e-3, 2e-3);
        assertThat(mor.compareWith()).containsExactly("vanilla");
        assertThat(plan.families().getFirst().compareWith()).isEmpty();
        assertThat(plan.budgets()).isEqualTo(new Budgets(BudgetUnit.FORWARD_FLOPS, List.of(1e9, 4e9)));
        assertThat(plan.seeds()).containsExactly(0L, 7L);
        assertThat(plan.sweep()).isEqualTo(new StudyPlan.Sweep("large", 4e9));
        assertThat(plan.schedule().warmupFraction()).isEqualTo(0.05);
        assertThat(plan.schedule().decayFraction()).isEqualTo(0.2);
        assertThat(plan.evaluation().rows()).isEqualTo(40);
        assertThat(plan.evaluation().gains()).contains(new StudyPlan.GainSettings(300));
        assertThat(plan.evaluation().more())
                .extracting(StudyEvaluation::name)
                .containsExactly("shallow", "ranked", "exit60", "exit80");
        assertThat(plan.evaluation().more())
                .extracting(StudyEvaluation::kind)
                .containsExactly(
                        "held_out max_depth=1",
                        "held_out routing=top_k",
                        "early_exit share=0.6 confidence=softmax",
                        "early_exit share=0.8 confidence=saturation");
        assertThat(plan.evaluation().more().get(1))
                .isInstanceOfSatisfying(
                        StudyEvaluation.HeldOutLoss.class,
                        heldOut -> assertThat(heldOut.options().rule()).isEqualTo(RoutingRequest.Rule.TOP_K));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seeds: [0, 7] | sedes: [0, 7] | unknown key sedes; did you mean seeds",
                "samples: 300 | sample: 300 | unknown key evaluation.gains.sample; did you mean samples",
                "samples: 300 | samples: 0 | evaluation.gains.samples must be from 1 to 1000000, got 0",
                "vocab_size: 512 | vocab_sise: 512 | unknown key data.vocab_sise; did you mean vocab_size?",
                "corpus: built_in, | dataset: x, corpus: built_in, | got both",
                "corpus: built_in, | '' | got none",
                "corpus: built_in, | dataset: x, | applies to data.corpus only",
                "corpus: built_in | corpus: builtin | data.corpus must be built_in or a list of paths such as [novels, logs/*.txt], got builtin",
                "vocab_size: 512 | vocab_size: 12 | data.vocab_size must be at least",
                "validation_fraction: 0.1 | validation_fraction: 0.9 | validation_fraction must be above 0",
                "seeds: [0, 7] | seeds: [7, 7] | seeds must be one or more distinct integers",
                "seeds: [0, 7] | seeds: [a] | seeds must be a list of whole numbers",
                "budgets: [1e9, 4e9] | budgets: [4e9, 1e9] | budgets must be one or more rising numbers of FLOPs",
                "budgets: [1e9, 4e9] | '' | budgets must be one or more rising numbers",
                "budgets: [1e9, 4e9] | tokens: [4e6, 1e6] | tokens must be one or more rising numbers of tokens",
                "seeds: [0, 7] | tokens: [4e6] | only one of budgets (forward FLOPs per training) and tokens (tokens per training)",
                "size: large | size: larger | there is no larger; did you mean large?",
                "size: large, | '' | sweep.size must be one of [small, large], the size at which",
                "budget: 4e9 | budget: 5e9 | sweep.budget must be above 0 and at most the largest of the budgets",
                "recipe: small-vanilla, | '' | families.vanilla.recipe must be the name of a recipe",
                "learning_rate: 1e-3 | learning_rate: 0 | learning_rates must be one or more distinct positive numbers",
                "learning_rate: 1e-3 | learning_rates: [] | or learning_rates must be given, got none",
                "learning_rate: 1e-3 | learning_rate: 1e-3, compare_with: [moor] | there is no moor; did you mean mor?",
                "kind: held_out, max_depth: 1 | max_depth: 1 | evaluation.more.shallow.kind must be one of",
                "kind: held_out, max_depth | kind: helt_out, max_depth | must be one of early_exit, held_out",
                "max_depth: 1 | max_depth: 0 | max_depth must be at least 1",
                "share: 0.6 | shar: 0.6 | evaluation.more.exit60.share must be the mean share of the layers",
                "share: 0.6 | share: 0.6, depth: 1 | unknown key evaluation.more.exit60.depth",
                "share: 0.6 | share: 1.2 | evaluation.more.exit60.share must be above 0 and below 1, got 1.2",
                "share: 0.6 | share: much | evaluation.more.exit60.share",
                "confidence: saturation | confidence: sure | confidence must be one of softmax, saturation",
                "rows: 40 | rows: 1 | evaluation.rows must be from 2",
                "shallow: | causal: | is the name of the evaluation that every study has",
                "small: {model | ../x: {model | a name must have up to 40 letters",
                "model.hidden_size: 48 | schedule.steps: 48 | sizes.large.schedule.steps must not be set: the plan's schedule",
                "model.hidden_size: 48 | optimizer.learning_rate: 48 | must not be set: each family of the plan sets learning_rate or learning_rates",
            })
    void whatIsWrongIsSaidWithThePlaceAndWhatIsAllowed(String right, String wrong, String message) {
        assertThat(GOOD).contains(right);
        assertThatThrownBy(() -> read(GOOD.replace(right, wrong)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("plan.yaml")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "recipe: small-vanilla, | compare_with: [], | families.vanilla.recipe must be the name of a recipe",
                "learning_rate: 1e-3 | compare_with: [] | learning_rate or learning_rates must be given, got none",
                "size: large, | '' | sweep.size must be one of [small, large]",
            })
    void aMistakeHidesNoOtherKeyOfItsSection(String right, String wrong, String message) {
        assertThat(GOOD).contains(right);
        assertThatThrownBy(() -> read(GOOD.replace(right, wrong)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("unknown key");
    }

    @Test
    void whereNoRateIsTriedNoSizeIsAskedFor() throws IOException {
        StudyPlan plan = read(GOOD.replace("learning_rates: [1e-3, 2e-3]", "learning_rate: 1e-3")
                .replace("sweep: {size: large, budget: 4e9}\n", ""));
        assertThat(runs(plan).sweep()).isEmpty();
    }

    @Test
    void whatIsNoPlanAtAllIsRefused() {
        assertThatThrownBy(() -> StudyPlan.read(folder.resolve("none.yaml")))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("none.yaml: no such plan");
        assertThatThrownBy(() -> read("- a\n- b\n")).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> read("a: &x 1\nb: *x\n")).isInstanceOf(InputException.class);
    }

    @Test
    void aKeyOfARecipeThatDoesNotExistIsRefusedWhenTheRunsArePlanned() throws IOException {
        StudyPlan plan = read(GOOD.replace("hidden_size: 48", "hiden_size: 48"));
        assertThatThrownBy(() -> runs(plan).sweep())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("hiden_size");
    }

    @Test
    void evaluationsArePickedByWhatFitsAModel() throws IOException {
        StudyPlan plan = read(longer(GOOD));
        List<PlannedRun> grid = runs(plan).grid(Map.of());
        ModelConfig vanilla = grid.getFirst().recipe().model().config();
        ModelConfig mor = grid.getLast().recipe().model().config();
        assertThat(plan.evaluation().of(vanilla))
                .extracting(StudyEvaluation::name)
                .containsExactly("causal", "ranked", "exit60", "exit80");
        assertThat(plan.evaluation().of(mor))
                .extracting(StudyEvaluation::name)
                .containsExactly("causal", "shallow", "ranked");
    }

    @Test
    void anEffortThatAModelIsNotTrainedAtDoesNotFitIt() {
        ModelConfig threshold =
                Recipe.builtIn("small-mor3-threshold", List.of()).model().config();
        assertThat(held(0.05).obstacle(threshold))
                .hasValue("effort must be 0 or from 0.2, the lowest trained effort, to 1, got 0.05");
        assertThat(held(2).obstacle(threshold)).isPresent();
        assertThat(held(0).obstacle(threshold)).isEmpty();
        assertThat(held(0.2).obstacle(threshold)).isEmpty();
    }

    private static StudyEvaluation held(double effort) {
        return new StudyEvaluation.HeldOutLoss(
                "dial", new ScoreOptions(RoutingRequest.Rule.CAUSAL, RoutingRequest.UNBOUNDED, effort));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "share: 0.6 | share: 0.1 | vanilla (early exits: a share of the layers must be at least 0.125",
                "share: 0.6 | share: 0.1 | mor (early exits are for models in which every token takes every layer",
                "kind: held_out, max_depth: 1 | kind: held_out, max_depth: 9 | mor (max_depth must be below the"
                        + " model's number of recursions, 3",
                "kind: held_out, max_depth: 1 | kind: held_out, effort: 0.5 | effort needs routing.type"
                        + " expert_threshold",
            })
    void anEvaluationThatFitsNoModelOfThePlanIsRefusedBeforeAnyTraining(String right, String wrong, String message)
            throws IOException {
        StudyPlan plan = read(longer(GOOD.replace(right, wrong)));
        assertThatThrownBy(() -> runs(plan).requireMeasurable())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("applies to no model of the plan")
                .hasMessageContaining(message);
        assertThatThrownBy(() -> new Study(plan, folder.resolve("out"), StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThat(folder.resolve("out")).doesNotExist();
    }

    /// The plan with budgets for more than a few steps.
    private static String longer(String yaml) {
        return yaml.replace("1e9", "1e11").replace("4e9", "4e11");
    }

    private RunPlanner runs(StudyPlan plan) {
        return new RunPlanner(plan, folder, folder.resolve("data"), OptionalInt.of(512));
    }

    static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.list(SHIPPED)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private Map<String, PlannedRun> shippedRuns(String plan) {
        RunPlanner runs = new RunPlanner(
                StudyPlan.read(SHIPPED.resolve(plan)), folder, folder.resolve("data"), OptionalInt.of(2048));
        return runs.grid(Map.of()).stream()
                .collect(Collectors.toMap(PlannedRun::family, run -> run, (first, _) -> first));
    }

    @Test
    void recursionsThatComeLateMakeARunOfTheSameBudgetLonger() throws IOException {
        String good = GOOD.replace("[1e9, 4e9]", "[1e11, 4e11]").replace("budget: 4e9", "budget: 4e11");
        String late = good.replace(
                "capacity: [1, 0.5, 0.25]}}}",
                "capacity: [1, 0.5, 0.25]}}, schedule: {recursions: [{from: 0, depth: 1}, {from: 0.5, depth: 3}]}}");
        assertThatThrownBy(() -> runs(read(late)).grid(Map.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("budgets must have one entry, got 2: mor adds recursions during training");
        String budgets = "budgets: [1e11, 4e11]";
        PlannedRun whole = mor(runs(read(good.replace(budgets, "budgets: [4e11]"))));
        PlannedRun later = mor(runs(read(late.replace(budgets, "budgets: [4e11]"))));
        assertThat(later.steps()).isGreaterThan(whole.steps());
        assertThat(later.steps() * later.recipe().forwardFlopsPerToken())
                .isCloseTo(whole.steps() * whole.recipe().forwardFlopsPerToken(), withinPercentage(5));
    }

    private static PlannedRun mor(RunPlanner runs) {
        return runs.grid(Map.of()).stream()
                .filter(run -> run.family().equals("mor"))
                .findFirst()
                .orElseThrow();
    }

    private static ModelConfig config(Map<String, PlannedRun> runs, String family) {
        return Objects.requireNonNull(runs.get(family)).recipe().model().config();
    }

    private static double parameters(Map<String, PlannedRun> runs, String family) {
        return Accounting.of(config(runs, family)).totalParameters();
    }

    private static double flops(Map<String, PlannedRun> runs, String family) {
        return Objects.requireNonNull(runs.get(family)).recipe().forwardFlopsPerToken();
    }

    @Test
    void theBaselinesOfTheSmallPlanMatchWhatTheySayTheyMatch() {
        Map<String, PlannedRun> runs = shippedRuns("baselines-small.yaml");
        assertThat(runs)
                .containsOnlyKeys(
                        "vanilla", "vanilla-parameters", "vanilla-flops", "recursive3", "mor3", "random3", "position3");
        for (String vanilla : List.of("vanilla", "vanilla-parameters", "vanilla-flops")) {
            assertThat(config(runs, vanilla).isVanilla()).as(vanilla).isTrue();
        }
        assertThat(parameters(runs, "vanilla-parameters")).isCloseTo(parameters(runs, "mor3"), withinPercentage(1));
        assertThat(parameters(runs, "recursive3")).isCloseTo(parameters(runs, "mor3"), withinPercentage(1));
        assertThat(flops(runs, "vanilla-flops")).isCloseTo(flops(runs, "mor3"), withinPercentage(3));
        assertThat(flops(runs, "recursive3")).isCloseTo(flops(runs, "vanilla"), withinPercentage(1));
        // The families differ from each other and from the vanilla model of full depth.
        assertThat(parameters(runs, "vanilla-flops")).isGreaterThan(1.2 * parameters(runs, "mor3"));
        assertThat(flops(runs, "vanilla-parameters")).isLessThan(0.9 * flops(runs, "mor3"));
        assertThat(List.of(
                        config(runs, "vanilla").numHiddenLayers(),
                        config(runs, "vanilla-flops").numHiddenLayers(),
                        config(runs, "vanilla-parameters").numHiddenLayers()))
                .containsExactly(8, 6, 4);
        assertThat(config(runs, "random3").routing()).isInstanceOf(Routing.Random.class);
        assertThat(flops(runs, "random3")).isCloseTo(flops(runs, "mor3"), withinPercentage(1));
        assertThat(flops(runs, "position3")).isCloseTo(flops(runs, "mor3"), withinPercentage(1));
    }

    @ParameterizedTest
    @CsvSource({"baselines-small.yaml, position3, mor3", "ablation-small.yaml, position, mor3"})
    void aRouterThatSeesPositionsOnlyIsALineOfThePlan(String plan, String position, String learned) {
        Map<String, PlannedRun> runs = shippedRuns(plan);
        assertThat(config(runs, position).routing())
                .isInstanceOfSatisfying(
                        Routing.ExpertChoice.class,
                        routing -> assertThat(routing.router().type()).isEqualTo(RouterType.POSITION));
        assertThat(config(runs, position).numHiddenLayers())
                .isEqualTo(config(runs, learned).numHiddenLayers());
    }

    @Test
    void theSmallPlanHoldsMoRAgainstEveryBaseline() {
        StudyPlan plan = StudyPlan.read(SHIPPED.resolve("baselines-small.yaml"));
        List<String> names =
                plan.families().stream().map(StudyPlan.Family::name).toList();
        StudyPlan.Family routed = plan.families().get(names.indexOf("mor3"));
        assertThat(routed.compareWith())
                .containsExactlyInAnyOrderElementsOf(
                        names.stream().filter(name -> !name.equals("mor3")).toList());
        assertThat(plan.families()).extracting(StudyPlan.Family::learningRates).containsOnly(routed.learningRates());
        assertThat(plan.seeds()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(plan.evaluation().more())
                .extracting(StudyEvaluation::kind)
                .allMatch(kind -> kind.startsWith("early_exit"));
    }

    @Test
    void budgetsOfTokensGiveEveryModelTheSameText() throws IOException {
        String tokens =
                GOOD.replace("budgets: [1e9, 4e9]", "tokens: [2e5, 8e5]").replace("budget: 4e9", "budget: 2e5");
        StudyPlan plan = read(tokens);
        assertThat(plan.budgets()).isEqualTo(new Budgets(BudgetUnit.TOKENS, List.of(2e5, 8e5)));
        List<PlannedRun> grid = runs(plan).grid(Map.of());
        assertThat(grid).hasSize(16).allSatisfy(run -> {
            long read = run.steps() * run.recipe().batch().tokens();
            assertThat(Math.abs(read - run.budget()))
                    .isLessThanOrEqualTo(run.recipe().batch().tokens() / 2.0);
        });
        assertThat(grid.stream().map(run -> run.recipe().forwardFlopsPerToken()).distinct())
                .hasSize(4);
        assertThat(grid.getFirst().id()).isEqualTo("vanilla-small-800000tokens-s0");
    }

    /// The plan, or if its trainings start from a model, a copy that names a model of five layers.
    private Path withBase(Path file) throws IOException {
        String text = Files.readString(file);
        if (!text.contains("\nbase: ")) {
            return file;
        }
        Path base = folder.resolve("base");
        ModelConfig config = Recipe.builtIn(
                        "small-vanilla", List.of("model.num_hidden_layers=5", "model.vocab_size=300"))
                .model()
                .config();
        try (ModelWeights weights = ModelWeights.initialize(config, 0, false)) {
            CheckpointDirectory.write(base, config, weights.stored(), Optional.empty(), Manifest.untrained());
        }
        return Files.writeString(folder.resolve("plan.yaml"), text.replaceAll("\nbase: .*", "\nbase: " + base));
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyShippedPlanCanBeCarriedOut(Path file) throws IOException {
        StudyPlan plan = StudyPlan.read(withBase(file));
        RunPlanner runs = new RunPlanner(plan, folder, folder.resolve("data"), OptionalInt.empty());
        List<PlannedRun> grid = runs.grid(Map.of());
        assertThat(grid)
                .hasSize(plan.families().size()
                        * plan.sizes().size()
                        * plan.budgets().values().size()
                        * plan.seeds().size());
        assertThat(grid).extracting(PlannedRun::id).doesNotHaveDuplicates();
        assertThatCode(runs::requireMeasurable).doesNotThrowAnyException();
    }

    @Test
    void aBaseGivesEveryFamilyItsWeightsAndTheCorpusItsTokenizer() throws IOException {
        StudyPlan plan = read("""
                data: {corpus: built_in}
                base: ../it's/base
                families:
                  full: {recipe: finetune-domain, learning_rate: 5.0e-4}
                  deepened: {recipe: deepen, learning_rate: 1.0e-2}
                tokens: [5.0e+5]
                """);
        Path base = folder.resolve("../it's/base").normalize();
        assertThat(plan.families())
                .allMatch(StudyPlan.Family::startsFromModel)
                .allMatch(family -> family.settings()
                        .contains("initialisation.from='" + base.toString().replace("'", "''") + "'"));
        assertThat(plan.sizes()).containsExactly(new StudyPlan.Size("base", List.of()));
        assertThat(((StudyPlan.TextSource.OfCorpus) plan.data()).vocabulary())
                .isEqualTo(new StudyPlan.Vocabulary.OfModel(base));
    }

    @Test
    void aBaseHasItsOwnSizeAndVocabulary() {
        assertThatThrownBy(() -> read("""
                data: {corpus: built_in, vocab_size: 512}
                base: base
                sizes: {small: {model: {hidden_size: 32}}}
                families: {full: {recipe: finetune-domain, learning_rate: 5.0e-4}}
                tokens: [5.0e+5]
                """))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("sizes is not allowed with base")
                .hasMessageContaining("data.vocab_size is not allowed with base");
    }
}
