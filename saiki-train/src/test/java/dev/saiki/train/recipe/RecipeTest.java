package dev.saiki.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.checkpoint.config.Routing;
import dev.saiki.io.InputException;
import dev.saiki.model.Distillation;
import dev.saiki.model.FullDepth;
import dev.saiki.model.GainSupervision;
import dev.saiki.model.GainTarget;
import dev.saiki.model.TrainingObjective;
import dev.saiki.tensor.Device;
import dev.saiki.train.schedule.DepthSchedule;
import dev.saiki.train.schedule.WarmupStableDecay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {

    private static final String MINIMAL = """
            model:
              hidden_size: 64
              intermediate_size: 128
              num_hidden_layers: 8
              num_attention_heads: 2
              max_position_embeddings: 32
            schedule:
              steps: 100
            """;

    private static final String EXPERT = MINIMAL.replace("schedule:", """
                      recursion:
                        sharing: middle_cycle
                        num_recursions: 3
                      routing:
                        type: expert_choice
                    schedule:\
                    """);

    @TempDir
    Path folder;

    @Test
    void whatIsLeftOutHasItsDocumentedDefault() {
        Recipe recipe = parse(MINIMAL);
        assertThat(recipe.tokenizer()).isEqualTo(new TokenizerSection(Optional.empty()));
        assertThat(recipe.data())
                .isEqualTo(new DataSection(
                        Optional.empty(),
                        Optional.empty(),
                        OptionalDouble.empty(),
                        TargetWeights.EQUAL,
                        CurriculumSection.NONE,
                        0));
        assertThat(recipe.optimizer())
                .isEqualTo(new OptimizerSection(3e-3, 0.9, 0.95, 1e-8, 0.1, 1, 10, new TrainedTensors.All()));
        assertThat(recipe.schedule())
                .isEqualTo(new ScheduleSection(
                        ScheduleSection.Shape.WARMUP_STABLE_DECAY,
                        Optional.of(new RunLength.Steps(100)),
                        new RunPortion.Fraction(0.05),
                        new RunPortion.Fraction(0.2),
                        0,
                        Optional.empty(),
                        0,
                        List.of(),
                        0,
                        0));
        assertThat(recipe.batch()).isEqualTo(new BatchSection(32, 32, 4));
        assertThat(recipe.parallelism())
                .isEqualTo(new ParallelismSection(Device.CPU, OptionalInt.empty(), true, false, 300));
        assertThat(recipe.checkpoint()).isEqualTo(new CheckpointSection(500, 10, 2, List.of()));
        assertThat(recipe.metrics()).isEqualTo(new MetricsSection(1, 250, 64, true));
        assertThat(recipe.objective().auxiliaryLossCoefficient()).isEqualTo(0.001);
        assertThat(recipe.precision().activationCheckpointing()).isFalse();
    }

    /// The two columns: every key of every section, and a value for it.
    @ParameterizedTest
    @CsvSource({
        "tokenizer.file, /t/tokenizer.json",
        "data.dataset, /d",
        "data.seed, 7",
        "data.conversations.path, /c",
        "'data', '{dataset: /d, conversations: {path: /c}, text_share: 0.5}'",
        "schedule.patience, 3",
        "objective.auxiliary_loss_coefficient, 0.5",
        "objective.router_z_loss_coefficient, 0.5",
        "objective.supervision, none",
        "objective.balancing_loss_coefficient, 0.5",
        "objective.bias_update_rate, 0.5",
        "objective.capacity_warmup_steps, 5",
        "objective.threshold_update_rate, 0.5",
        "optimizer.learning_rate, 0.5",
        "optimizer.beta1, 0.5",
        "optimizer.beta2, 0.5",
        "optimizer.epsilon, 0.5",
        "optimizer.weight_decay, 0.5",
        "optimizer.max_grad_norm, 0.5",
        "optimizer.auxiliary_router_learning_rate_factor, 5",
        "optimizer.trained, '[model.routers.*, model.norm.weight]'",
        "optimizer.frozen, model.layers.*.mlp.*",
        "optimizer.frozen, '[\"*norm.weight\", model.embed_tokens.weight]'",
        "schedule.type, cosine",
        "schedule.tokens, 123456",
        "schedule.forward_flops, 1.5e12",
        "schedule.warmup_steps, 3",
        "schedule.warmup_fraction, 0.5",
        "schedule.decay_steps, 3",
        "schedule.decay_fraction, 0.5",
        "schedule.min_learning_rate_ratio, 0.5",
        "schedule.cooldown_from, /runs/step-5",
        "schedule.recursions, '[{from: 0, depth: 1}, {from: 0.5, depth: 3}]'",
        "batch.sequences, 8",
        "batch.sequence_length, 16",
        "batch.micro_batch_sequences, 16",
        "precision.compute, bfloat16",
        "precision.activation_checkpointing, true",
        "parallelism.workers, 3",
        "parallelism.device, cuda:1",
        "parallelism.fixed_order, false",
        "parallelism.shard_optimizer, true",
        "parallelism.timeout_seconds, 60",
        "stability.on_spike, roll_back",
        "stability.deviations, 4",
        "stability.interval, 64",
        "stability.tries, 5",
        "checkpoint.every_steps, 5",
        "checkpoint.every_minutes, 0.5",
        "checkpoint.keep_last, 5",
        "checkpoint.save_stable_at, '[5, 10]'",
        "metrics.log_every, 5",
        "metrics.validate_every, 5",
        "metrics.validation_sequences, 5",
        "metrics.tensorboard, false",
        "model.vocab_size, 512",
        "model.num_key_value_heads, 1",
        "model.rms_norm_eps, 1e-5",
        "model.routing.alpha, 0.5",
        "model.routing.capacity, '[1, 0.5, 0.25]'",
    })
    void everyKeyTakesEffectAndSurvivesTheResolvedFile(String key, String value) {
        Recipe changed = Recipe.parse(EXPERT, List.of(key + "=" + value));
        assertThat(changed).isNotEqualTo(parse(EXPERT));
        assertThat(changed.differences(parse(EXPERT), List.of()))
                .anySatisfy(line -> assertThat(line).startsWith(key));
        assertThat(Recipe.parse(changed.toYaml(), List.of())).isEqualTo(changed);
    }

    @Test
    void keysThatOnlyTokenChoiceHasTakeEffectThere() {
        Recipe recipe = parse(EXPERT.replace("expert_choice", "token_choice"));
        assertThat(recipe.objective().balancing()).isEqualTo(TrainingObjective.Balancing.LOSS);
        assertThat(recipe.objective().routerZLossCoefficient()).isEqualTo(1e-3);
        assertThat(recipe.objective().supervision()).isEqualTo(TrainingObjective.Supervision.NONE);
    }

    @Test
    void expertThresholdHasNoAuxiliaryLossAndCountsTheMeanOfItsEfforts() {
        String threshold =
                EXPERT.replace("expert_choice", "expert_threshold\n    effort_grid: [0.5, 1]\n    default_effort: 0.5");
        Recipe recipe = parse(threshold);
        assertThat(recipe.objective().supervision()).isEqualTo(TrainingObjective.Supervision.NONE);
        assertThat(recipe.objective().routerZLossCoefficient()).isEqualTo(1e-3);
        assertThat(recipe.objective().thresholdUpdateRate()).isEqualTo(ObjectiveSection.DEFAULT_THRESHOLD_UPDATE_RATE);
        Recipe half = Recipe.parse(EXPERT, List.of("model.routing.capacity=[1, 0.5, 0.25]"));
        Recipe whole = Recipe.parse(EXPERT, List.of("model.routing.capacity=[1, 1, 1]"));
        assertThat(recipe.forwardFlopsPerToken())
                .isCloseTo((2 * half.forwardFlopsPerToken() + whole.forwardFlopsPerToken()) / 3, within(1e-6));
        assertThatThrownBy(() -> Recipe.parse(threshold, List.of("objective.supervision=auxiliary_loss")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("objective.supervision must be none unless model.routing.type is expert_choice");
    }

    private static final String GATED_THRESHOLD = EXPERT.replace(
                    "expert_choice", "expert_threshold\n    effort_grid: [0.5, 1]\n    default_effort: 0.5")
            .replace("num_recursions: 3", "num_recursions: 3\n    step_gates: true")
            .replace("hidden_size: 64", "hidden_size: 64\n  vocab_size: 300");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {}                                                    | 0.25 | UNIFORM
                    {share: 0.5, prior: geometric}                        | 0.5  | GEOMETRIC
                    {share: 0.5, prior: rising}                           | 0.5  | RISING
                    {prior: sampled, router: {target: regression, clip: 2, reaches_trunk: true}} | 0.25 | SAMPLED
                    {router: {target: divergence, coefficient: 0.5}}      | 0.25 | UNIFORM
                    {prior: geometric, distillation: {coefficient: 0.5, temperature: 2}} | 0.25 | GEOMETRIC
                    {router: {target: weighted_labels, kept_gain: 0.9, rejected_share: 0.1}} | 0.25 | UNIFORM
                    """)
    void microBatchesAtFullDepthSurviveTheResolvedFile(String section, double share, FullDepth.Prior prior) {
        Recipe recipe = Recipe.parse(GATED_THRESHOLD, List.of("objective.full_depth=" + section));
        FullDepth setting = recipe.objective().fullDepth().orElseThrow();
        assertThat(setting.share()).isEqualTo(share);
        assertThat(setting.prior()).isEqualTo(prior);
        assertThat(setting.router().isPresent()).isEqualTo(section.contains("router"));
        assertThat(setting.distillation())
                .isEqualTo(section.contains("distillation") ? Optional.of(new Distillation(0.5, 2)) : Optional.empty());
        assertThat(recipe.objective().routerZLossCoefficient()).isEqualTo(section.contains("router") ? 0 : 1e-3);
        assertThat(Recipe.parse(recipe.toYaml(), List.of())).isEqualTo(recipe);
    }

    @Test
    void rejectedTokensAreNotComparedUnderDropout() {
        String taught = "objective.full_depth={router: {rejected_share: 0.1}}";
        assertThatThrownBy(() -> Recipe.parse(GATED_THRESHOLD, List.of("model.dropout=0.1", taught)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("objective.full_depth.router.rejected_share must be 0 with model.dropout");
    }

    @Test
    void routerIsTaughtTheClippedGainUnlessTheRecipeSaysOtherwise() {
        Recipe recipe = Recipe.parse(GATED_THRESHOLD, List.of("objective.full_depth={router: {target: regression}}"));
        assertThat(recipe.objective().fullDepth().orElseThrow().router())
                .contains(new GainSupervision(new GainTarget.Regression(1), 1, false, 0, 1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {share: 0}                          | objective.full_depth.share must be in (0, 1], got 0.0
                    {share: 1}                          | objective.full_depth.share must be below 1 with model.routing.type
                    {prior: flat}                       | objective.full_depth.prior must be one of uniform, geometric, rising, sampled
                    {priors: uniform}                   | unknown key objective.full_depth.priors; did you mean prior?
                    {router: {target: gain}}            | objective.full_depth.router.target must be one of regression, weighted
                    {router: {target: weighted_labels, clip: 1}} | unknown key objective.full_depth.router.clip
                    {router: {target: divergence, clip: 0}} | objective.full_depth.router.clip must be positive, got 0.0
                    {distillation: {temperature: 0}}    | objective.full_depth.distillation.temperature must be positive, got 0.0
                    {distillation: {coefficient: -1}}   | objective.full_depth.distillation.coefficient must be positive, got -1.0
                    {prior: sampled, distillation: {}}  | objective.full_depth.prior must be uniform, geometric or rising with distillation
                    {router: {coefficient: 0}}          | objective.full_depth.router.coefficient must be positive, got 0.0
                    {router: {rejected_share: 1.5}}     | objective.full_depth.router.rejected_share must be in [0, 1], got 1.5
                    5                                   | objective.full_depth must be a section of keys and values, got 5
                    """)
    void wrongMicroBatchesAtFullDepthAreRefused(String section, String message) {
        assertThatThrownBy(() -> Recipe.parse(GATED_THRESHOLD, List.of("objective.full_depth=" + section)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    model.recursion.sharing=middle_sequence | must be left out unless one recursion follows another
                    model.routing.type=expert_choice        | must be left out unless model.routing.type is none
                    model.routing.type=token_choice         | must be left out unless model.routing.type is none
                    model.recursion.step_gates=false        | objective.full_depth.router must be left out unless
                    model.vocab_size=                       | model.vocab_size must be set with objective.full_depth
                    """)
    void modelsWithoutWhatFullDepthNeedsAreRefusedByName(String override, String message) {
        String gated = override.contains("expert_choice") || override.contains("token_choice")
                ? GATED_THRESHOLD
                        .replace("    effort_grid: [0.5, 1]\n    default_effort: 0.5", "")
                        .replace("    step_gates: true", "")
                : override.contains("middle_sequence")
                        ? MINIMAL.replace(
                                "schedule:",
                                "  recursion: {sharing: middle_cycle, num_recursions: 3}\n  vocab_size: 300\nschedule:")
                        : GATED_THRESHOLD;
        assertThatThrownBy(() ->
                        Recipe.parse(gated, List.of(override, "objective.full_depth={router: {target: regression}}")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() ->
                        Recipe.parse(MINIMAL, List.of("model.vocab_size=300", "objective.full_depth={share: 0.5}")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("objective.full_depth must be left out unless one recursion follows another");
    }

    @Test
    void microBatchesAtFullDepthAreCountedWithTheirExits() {
        Recipe routed = parse(GATED_THRESHOLD);
        double head = 2 * 64 * 300;
        double layer = 2 * (4.0 * 64 * 64 + 3 * 64 * 128) + 2 * 64 * 32;
        double whole = 8 * layer;
        assertThat(flops("{share: 0.25}"))
                .isCloseTo(0.75 * routed.forwardFlopsPerToken() + 0.25 * (whole + 2 * (layer + head)), within(1e-6));
        assertThat(flops("{share: 0.25, router: {target: divergence}}"))
                .isCloseTo(
                        0.75 * routed.forwardFlopsPerToken() + 0.25 * (whole + 2 * (layer + head) + 4 * head),
                        within(1e-6));
        assertThat(flops("{share: 0.25, distillation: {}, router: {target: divergence}}"))
                .isCloseTo(
                        0.75 * routed.forwardFlopsPerToken() + 0.25 * (whole + 2 * (layer + head) + 8 * head),
                        within(1e-6));
        // The second pass; the third of the micro-batches that draws effort 1 rejects nobody and has none.
        double more = 2 * (4 * layer + 2 * layerOf(0.55) + 2 * layerOf(0.275) + head) / 3;
        assertThat(flops("{share: 0.25, router: {target: regression, rejected_share: 0.1}}"))
                .isCloseTo(
                        0.75 * (routed.forwardFlopsPerToken() + more) + 0.25 * (whole + 2 * (layer + head)),
                        within(1e-6));
        // Of the depths 1, 2 and 3, with two layers a recursion and one at each end.
        assertThat(flops("{share: 0.25, prior: sampled}"))
                .isCloseTo(0.75 * routed.forwardFlopsPerToken() + 0.25 * 6 * layer, within(1e-6));
    }

    /// FLOPs of a layer that a share of the tokens passes.
    private static double layerOf(double share) {
        return share * (2 * (4.0 * 64 * 64 + 3 * 64 * 128) + 2 * 64 * 32 * share);
    }

    private static double flops(String fullDepth) {
        return Recipe.parse(GATED_THRESHOLD, List.of("objective.full_depth=" + fullDepth))
                .forwardFlopsPerToken();
    }

    @Test
    void unknownKeyIsRefusedWithItsPathAndASuggestion() {
        assertThatThrownBy(() -> Recipe.parse(MINIMAL, List.of("optimizer.learnign_rate=1")))
                .isInstanceOf(InputException.class)
                .hasMessage("recipe: unknown key optimizer.learnign_rate; did you mean learning_rate?");
        assertThatThrownBy(() -> parse(MINIMAL + "optimiser:\n  beta1: 0.5\n"))
                .isInstanceOf(InputException.class)
                .hasMessage("recipe: unknown key optimiser; did you mean optimizer?");
        assertThatThrownBy(() -> Recipe.parse(MINIMAL, List.of("model.hiden_size=1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("hiden_size")
                .hasMessageContaining("did you mean hidden_size");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    optimizer.beta1=1              | optimizer.beta1 must be in [0, 1), got 1.0
                    optimizer.learning_rate=fast   | optimizer.learning_rate must be a number, got "fast"
                    optimizer.learning_rate=0      | optimizer.learning_rate must be positive, got 0.0
                    batch.sequences=1.5            | batch.sequences must be a whole number, got 1.5
                    batch.micro_batch_sequences=5  | must be a divisor of batch.sequences (32), got 5
                    batch.sequence_length=33       | at most model.max_position_embeddings (32), got 33
                    batch.sequences=99999999999    | batch.sequences must be a whole number of at most 2147483647
                    schedule.type=linear           | schedule.type must be one of warmup_stable_decay, cosine, got "linear"
                    schedule.steps=                | schedule must be given with one of steps, tokens and forward_flops
                    schedule.warmup_fraction=1.5   | schedule.warmup_fraction must be in [0, 1], got 1.5
                    precision.compute=fp8          | precision.compute must be one of float32, bfloat16, got "fp8"
                    parallelism.workers=0          | parallelism.workers must be auto or a number from 1 to 1024, got 0
                    checkpoint.keep_last=0         | checkpoint.keep_last must be at least 1, got 0
                    checkpoint.save_stable_at=5    | checkpoint.save_stable_at must be a list of whole numbers, got 5
                    precision.compute=bfloat61     | got "bfloat61"; did you mean bfloat16?
                    metrics.tensorboard=maybe      | metrics.tensorboard must be true or false, got "maybe"
                    data=5                         | data must be a section of keys and values, got 5
                    objective.supervision=none     | OK
                    objective.threshold_update_rate=1.5 | objective.threshold_update_rate must be in [0, 1], got 1.5
                    objective.balancing=loss       | objective.balancing must be none unless model.routing.type is token_choice
                    model.routing.causal_by=auxiliary_router | OK
                    model.recursion.num_recursions=7 | num_hidden_layers must be at least 9
                    model.num_key_value_heads=3    | num_key_value_heads must be
                    model=                         | the section model is missing
                    stability.on_spike=hope        | stability.on_spike must be one of go_on, skip, roll_back, got "hope"
                    stability.deviations=0         | stability.deviations must be positive, got 0
                    stability.interval=3           | stability.interval must be at least 4, got 3
                    stability.tries=0              | stability.tries must be at least 1, got 0
                    schedule.calibrate_tokens=5    | schedule.calibrate_tokens must be 0 unless model.routing.type is expert_threshold
                    schedule.calibrate_tokens=999999999999 | schedule.calibrate_tokens must be at most 10000000, got 999999999999
                    schedule.calibrate_tokens=-5   | schedule.calibrate_tokens must be at least 0, got -5
                    schedule.recursions=3          | schedule.recursions must be a list of sections of keys and values, got 3
                    schedule.recursions=[{from: 0, deep: 1}] | schedule.recursions[0].depth is missing
                    schedule.recursions=[{from: 0, deep: 1}] | unknown key schedule.recursions[0].deep
                    schedule.recursions=[{from: 0, depth: one}] | schedule.recursions[0].depth must be a whole number
                    schedule.recursions=[{from: 0.1, depth: 1}, {from: 0.5, depth: 3}] | `from` rises from 0
                    schedule.recursions=[{from: 0, depth: 0}, {from: 0.5, depth: 3}] | `depth` rises from at least 1
                    schedule.recursions=[{from: 0, depth: 1}, {from: 0, depth: 3}] | `depth` rises from at least 1, got [{from: 0.0, depth: 1}, {from: 0.0, depth: 3}]
                    schedule.recursions=[{from: 0, depth: 1}, {from: 1, depth: 3}] | to below 1
                    schedule.recursions=[{from: 0, depth: 2}, {from: 0.5, depth: 2}] | `depth` rises from at least 1
                    schedule.recursions=[{from: 0, depth: 1}, {from: 0.5, depth: 4}] | must be a list that ends at the model's depth, 3 (model.recursion.num_recursions), got
                    schedule.recursions=[{from: 0, depth: 1}, {from: 0.5, depth: 2}] | must be a list that ends at the model's depth, 3
                    """)
    void wrongValueIsRefusedWithItsKeyAndWhatIsAllowed(String override, String message) {
        if (message.equals("OK")) {
            assertThat(Recipe.parse(EXPERT, List.of(override))).isNotNull();
        } else {
            assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of(override)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertThatThrownBy(() -> Recipe.parse(
                        MINIMAL, List.of("optimizer.beta1=2", "optimizer.beta3=1", "metrics.log_every=0", "batch.x=1")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("4 problems")
                .hasMessageContaining("optimizer.beta1 must be")
                .hasMessageContaining("unknown key optimizer.beta3")
                .hasMessageContaining("metrics.log_every must be")
                .hasMessageContaining("unknown key batch.x");
    }

    @Test
    void aLengthThatCannotBeReadIsNotCalledMissingToo() {
        assertThatThrownBy(() -> Recipe.parse(MINIMAL, List.of("schedule.steps=forty")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("schedule.steps must be a whole number, got \"forty\"")
                .hasMessageNotContaining("given with one of");
    }

    @Test
    void aLengthOutOfRangeIsTheOnlyProblem() {
        assertThatThrownBy(() -> Recipe.parse(MINIMAL, List.of("schedule.steps=-3")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("schedule.steps must be at least 1, got -3")
                .hasMessageNotContaining("unknown key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"finetune-chat", "finetune-domain", "deepen"})
    void aRecipeThatStartsFromAModelSaysHowToGiveIt(String name) {
        assertThatThrownBy(() -> Recipe.builtIn(name, List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("name the model to start from")
                .hasMessageContaining("--init-from DIR")
                .hasMessageContaining("--set initialisation.from=DIR")
                .hasMessageNotContaining("problems");
    }

    /// A problem in the model does not keep other sections from being checked, nor one mistake in a section the
    /// other mistakes.
    @Test
    void allProblemsOfOneSectionAndOfAllAreReportedAtOnce() {
        assertThatThrownBy(() -> Recipe.parse(
                        EXPERT,
                        List.of(
                                "model.hidden_size=big",
                                "model.head_dim=15",
                                "model.rope_theta=-1",
                                "model.routing.alpha=0",
                                "model.routing.temperature=0",
                                "optimizer.beta1=2",
                                "optimizer.epsilon=0",
                                "objective.supervision=aux_loss",
                                "batch.sequences=0",
                                "batch.sequence_length=1",
                                "not an override")))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("recipe: 11 problems\n")
                .hasMessageContaining("hidden_size must be a whole number")
                .hasMessageContaining("head_dim must be even")
                .hasMessageContaining("rope_theta must be")
                .hasMessageContaining("routing.alpha must be")
                .hasMessageContaining("routing.temperature must be")
                .hasMessageContaining("optimizer.beta1 must be")
                .hasMessageContaining("optimizer.epsilon must be")
                .hasMessageContaining("objective.supervision must be one of")
                .hasMessageContaining("batch.sequences must be")
                .hasMessageContaining("batch.sequence_length must be")
                .hasMessageContaining("of the form section.key=value");
    }

    @Test
    void layersAtTheEndsAreTakenIntoAccountWhenLayersAreLowered() throws IOException {
        List<String> warnings = new ArrayList<>();
        Path file = Files.writeString(folder.resolve("r.yaml"), EXPERT.replace("layers: 8", "layers: 10"));
        Recipe recipe = Recipe.load(
                file, List.of("model.recursion.entry_layers=2", "model.recursion.exit_layers=4"), warnings::add);
        assertThat(recipe.model().shape().numHiddenLayers()).isEqualTo(9);
        assertThat(recipe.model().shape().layerMap().uniqueOf()).containsExactly(0, 1, 2, 2, 2, 3, 4, 5, 6);
        assertThat(warnings).singleElement().asString().contains("lowered from 10 to 9");
        assertThat(Recipe.load(Files.writeString(file, recipe.toYaml()), List.of(), warnings::add))
                .isEqualTo(recipe);
        assertThatThrownBy(() -> Recipe.load(file, List.of("model.recursion.entry_layers=0"), ignored -> {}))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("recursion.entry_layers must be a whole number from 1 to 4096, got 0");
    }

    @Test
    void gatesOfStepsBeginWhereTheRecipeSays() {
        String gated = EXPERT.replace("num_recursions: 3", "num_recursions: 3\n    step_gates: true");
        assertThat(Recipe.parse(gated, List.of()).initialisation()).isEqualTo(InitialisationSection.DEFAULT);
        Recipe closed = Recipe.parse(gated, List.of("initialisation.step_gate=0"));
        assertThat(closed.initialisation().stepGate()).isZero();
        assertThat(Recipe.parse(closed.toYaml(), List.of())).isEqualTo(closed);
        assertThat(Recipe.parse(EXPERT, List.of()).toTree().has("initialisation"))
                .isFalse();
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of("initialisation.step_gate=0")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("initialisation.step_gate is for models with recursion.step_gates: true");
        assertThatThrownBy(() -> Recipe.parse(gated, List.of("initialisation.step_gate=2")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("initialisation.step_gate must be in [0, 1], got 2");
    }

    @Test
    void aWrongGateHidesNoOtherKeyOfItsSection() {
        assertThatThrownBy(() ->
                        Recipe.parse(EXPERT, List.of("initialisation.step_gate=2", "initialisation.injection=0.5")))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll(
                        "initialisation.step_gate must be in [0, 1], got 2",
                        "initialisation.injection is for models with recursion.injection: true")
                .message()
                .doesNotContain("unknown key");
    }

    @Test
    void layersThatDoNotDivideAreLoweredWithAWarning() throws IOException {
        List<String> warnings = new ArrayList<>();
        Path file = Files.writeString(folder.resolve("r.yaml"), EXPERT.replace("layers: 8", "layers: 10"));
        Recipe recipe = Recipe.load(file, List.of(), warnings::add);
        assertThat(recipe.model().shape().numHiddenLayers()).isEqualTo(8);
        assertThat(warnings)
                .singleElement()
                .asString()
                .contains("model.num_hidden_layers lowered from 10 to 8")
                .contains("middle_cycle");
        warnings.clear();
        assertThat(Recipe.load(Files.writeString(file, recipe.toYaml()), List.of(), warnings::add))
                .isEqualTo(recipe);
        assertThat(warnings).isEmpty();
    }

    @Test
    void vocabularyLeftOutIsTheTokenizers() {
        Recipe recipe = parse(MINIMAL);
        assertThat(recipe.model().config(512, 3).vocabSize()).isEqualTo(512);
        assertThat(recipe.model().config(512, 3).eosTokenId()).hasValue(3);
        assertThatThrownBy(() -> recipe.model().config())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("model.vocab_size");
    }

    @Test
    void statedVocabularyMustBeTheTokenizers() {
        Recipe recipe = Recipe.parse(MINIMAL, List.of("model.vocab_size=500"));
        assertThat(recipe.model().config().vocabSize()).isEqualTo(500);
        assertThatThrownBy(() -> recipe.model().config(512, 3))
                .isInstanceOf(InputException.class)
                .hasMessage("model.vocab_size must be the tokenizer's 512, or left out, got 500");
    }

    @Test
    void fileExtendsAnotherKeyByKey() throws IOException {
        Files.writeString(folder.resolve("base.yaml"), EXPERT);
        Path file = Files.writeString(folder.resolve("child.yaml"), """
                extends: base.yaml
                model:
                  routing:
                    alpha: 0.25
                schedule:
                  tokens: 4096
                """);
        Recipe recipe = Recipe.load(file, List.of("schedule.decay_steps=1"));
        assertThat(recipe.model().shape().routing())
                .isInstanceOfSatisfying(
                        Routing.ExpertChoice.class,
                        expert -> assertThat(expert.router().alpha()).isEqualTo(0.25));
        assertThat(recipe.schedule().length()).hasValue(new RunLength.Tokens(4096));
        assertThat(recipe.totalSteps(0)).isEqualTo(4);
        assertThat(recipe.schedule().decay()).isEqualTo(new RunPortion.Steps(1));
    }

    @Test
    void fileThatExtendsItselfIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("r.yaml"), "extends: r.yaml\n" + MINIMAL);
        assertThatThrownBy(() -> Recipe.load(file, List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("does one of them extend itself?");
    }

    @Test
    void textThatIsNoRecipeIsRefusedWithOneMessage() {
        assertRefused("- 1", "must be a YAML mapping of sections");
        assertRefused("", "must be a YAML mapping of sections");
        assertRefused("a: [1", "line 1: not valid YAML");
        assertRefused("a: 1\na: 2", "line 2: not valid YAML");
        assertRefused("a: 1", "unknown key a");
        assertRefused("--- 1\n--- 2", "not valid YAML");
    }

    @Test
    void aliasesAreRefused() {
        assertThatThrownBy(() -> parse("model: &m\n  a: 1\ndata: *m\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("line 3")
                .hasMessageContaining("aliases");
    }

    @Test
    void missingAndOversizedFilesAreRefused() throws IOException {
        assertThatThrownBy(() -> Recipe.load(folder.resolve("none.yaml"), List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageEndingWith("none.yaml: no such recipe");
        Path large = Files.writeString(folder.resolve("large.yaml"), "#".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> Recipe.load(large, List.of()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at most 1048576 bytes");
    }

    @Test
    void flopsOfRecursionsThatComeLateAreThoseOfEachDepthForItsShareOfTheRun() {
        String late = "schedule.recursions=[{from: 0, depth: 1}, {from: 0.75, depth: 3}]";
        Recipe recipe = Recipe.parse(EXPERT, List.of(late));
        Recipe whole = parse(EXPERT);
        assertThat(recipe.forwardFlopsPerToken(3)).isEqualTo(whole.forwardFlopsPerToken());
        // One pass is a model of the layers that it has: one at each end, and two in the block.
        assertThat(recipe.forwardFlopsPerToken(1))
                .isEqualTo(Recipe.parse(MINIMAL, List.of("model.num_hidden_layers=4"))
                        .forwardFlopsPerToken());
        assertThat(recipe.forwardFlopsPerToken())
                .isCloseTo(
                        0.75 * recipe.forwardFlopsPerToken(1) + 0.25 * whole.forwardFlopsPerToken(),
                        withinPercentage(1e-9));
        assertThat(Recipe.parse(recipe.toYaml(), List.of("schedule.recursions=")))
                .isEqualTo(whole);

        double budget = 1e11;
        Recipe bought = Recipe.parse(EXPERT, List.of(late, "schedule.steps=", "schedule.forward_flops=" + budget));
        long steps = bought.totalSteps(0);
        DepthSchedule depths = bought.depths(steps);
        assertThat(depths.at(depths.phases().getLast().start() - 1)).isEqualTo(1);
        assertThat(depths.at(depths.phases().getLast().start())).isEqualTo(3);
        assertThat(bought.forwardFlops(depths, steps))
                .isCloseTo(budget, within(bought.batch().tokens() * whole.forwardFlopsPerToken()));
        assertThat(steps)
                .isGreaterThan(Recipe.parse(EXPERT, List.of("schedule.steps=", "schedule.forward_flops=" + budget))
                        .totalSteps(0));
    }

    @Test
    void lateRecursionsNeedAModelWithRecursionAndARunLongEnough() {
        String late = "schedule.recursions=[{from: 0, depth: 1}, {from: 0.99, depth: 3}]";
        assertThatThrownBy(() -> Recipe.parse(MINIMAL, List.of(late)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("schedule.recursions must be left out, since the model has no recursion");
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of(late)).depths(10))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(
                        "schedule.recursions must be such that each depth gets at least one of the run's 10 steps");
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of(late, "schedule.cooldown_from=step-5")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("schedule.recursions must be left out with cooldown_from");
    }

    @Test
    void differencesNameTheKeyAndBothValues() {
        assertThat(Recipe.parse(MINIMAL, List.of("data.seed=5")).differences(parse(MINIMAL), List.of()))
                .containsExactly("data.seed: 5 in this recipe, 0 in the other");
        assertThat(parse(MINIMAL).differences(parse(MINIMAL), List.of())).isEmpty();
    }

    @Test
    void cooldownOnlyDecays() {
        ScheduleSection schedule = Recipe.parse(
                        MINIMAL,
                        List.of("schedule.steps=", "schedule.cooldown_from=step-915", "schedule.warmup_steps=57"))
                .schedule();
        long total = schedule.totalSteps(1, 1, 915);
        assertThat(total).isEqualTo(1144);
        assertThat(schedule.learningRate(1, total, OptionalLong.of(915)))
                .isEqualTo(new WarmupStableDecay(1, 1144, 57, 229, 0));
        assertThatThrownBy(() -> schedule.learningRate(1, total, OptionalLong.of(56)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("after the warm-up (step 57)");
    }

    @Test
    void patternsChooseTensorsByNameAndThoseThatMatchNothingAreRefused() {
        List<String> names =
                List.of("model.embed_tokens.weight", "model.layers.0.mlp.up_proj.weight", "model.norm.weight");
        assertThat(new TrainedTensors.Matching(List.of("model.layers.*.mlp.*", "*norm*")).among(names))
                .containsExactly(names.get(1), names.get(2));
        assertThat(new TrainedTensors.AllBut(List.of("*embed*")).among(names))
                .containsExactly(names.get(1), names.get(2));
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of("optimizer.trained=[model.router.*, model.norm.weight]")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("optimizer.trained must have patterns of tensor names, got model.router.*,"
                        + " which matches no tensor of this model");
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of("optimizer.frozen=[model.norm.wieght]")))
                .hasMessageContaining("did you mean model.norm.weight?");
        assertThatThrownBy(() ->
                        Recipe.parse(EXPERT, List.of("optimizer.frozen=[model.*]", "model.tie_word_embeddings=true")))
                .hasMessageContaining("optimizer.frozen must leave a tensor to train, got [model.*]");
        assertThatThrownBy(() -> Recipe.parse(
                        EXPERT,
                        List.of("optimizer.frozen=[model.norm.weight]", "optimizer.trained=[model.norm.weight]")))
                .hasMessageContaining("optimizer.frozen must be left out with optimizer.trained");
        assertThatThrownBy(() -> Recipe.parse(EXPERT, List.of("optimizer.frozen=*norm")))
                .hasMessageContainingAll("YAML aliases are not supported", "in quotes");
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml)).isInstanceOf(InputException.class).hasMessageContaining(message);
    }

    private static Recipe parse(String yaml) {
        return Recipe.parse(yaml, List.of());
    }
}
