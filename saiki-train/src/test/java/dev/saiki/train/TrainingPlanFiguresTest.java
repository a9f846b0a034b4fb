package dev.saiki.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.saiki.io.InputException;
import dev.saiki.train.plan.DeviceProfile;
import dev.saiki.train.plan.DeviceProfiles;
import dev.saiki.train.plan.ParameterCount;
import dev.saiki.train.plan.ScalingPlan;
import dev.saiki.train.plan.StepTime;
import dev.saiki.train.plan.TrainingMemory;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Compares plans of trainings with measurements and with arithmetic.
class TrainingPlanFiguresTest {

    private static final DeviceProfile CPU = DeviceProfiles.find("cpu-zen4-2");
    private static final DeviceProfile GPU = DeviceProfiles.find("h100");

    private static final String FIXED_ORDER = "parallelism.fixed_order=true";
    private static final String ANY_ORDER = "parallelism.fixed_order=false";
    private static final String SHARDED = "parallelism.shard_optimizer=true";

    @TempDir
    Path folder = Path.of("");

    private static Recipe recipe(String name, String... settings) {
        return Recipe.load(Path.of(name), List.of(settings), _ -> {});
    }

    private static double tokensPerSecond(Recipe recipe) {
        return recipe.batch().tokens()
                / StepTime.of(recipe.model().config(), recipe, CPU, 1).total();
    }

    /// The shapes of `benchmarks/training-speed.sh`, with two micro-batches.
    private static Recipe benchmark(String shape, String kind, String precision) {
        List<String> settings = new ArrayList<>(List.of("precision.compute=" + precision));
        if (shape.equals("small")) {
            settings.addAll(
                    List.of("model.num_key_value_heads=4", "batch.sequences=8", "batch.micro_batch_sequences=4"));
        } else {
            settings.addAll(List.of("batch.sequences=2", "batch.sequence_length=512", "batch.micro_batch_sequences=1"));
        }
        return recipe(shape + "-" + kind, settings.toArray(String[]::new));
    }

    /// Medians from PERFORMANCE.md, Training speed. The time of elementwise work was fitted to the first one.
    @ParameterizedTest
    @CsvSource({"small, bfloat16, 5465", "small, float32, 2976", "135m, bfloat16, 351.8", "135m, float32, 185.1"})
    void theSpeedOfATrainingIsKnownWithin15Percent(String shape, String precision, double measured) {
        assertThat(tokensPerSecond(benchmark(shape, "vanilla", precision))).isCloseTo(measured, withinPercentage(15));
    }

    /// Ratios of times from PERFORMANCE.md, Step time of MoR against recursive.
    @ParameterizedTest
    @CsvSource({
        "small, recursive2, mor2-expert, bfloat16, 0.853",
        "small, recursive3, mor3-expert, bfloat16, 0.817",
        "135m, recursive3, mor3-expert, bfloat16, 0.744",
        "small, recursive3, mor3-expert, float32, 0.783",
        "135m, recursive3, mor3-expert, float32, 0.731"
    })
    void whatARouterSavesIsKnownWithin15Percent(
            String shape, String recursive, String routed, String precision, double measured) {
        double ratio = tokensPerSecond(benchmark(shape, recursive, precision))
                / tokensPerSecond(benchmark(shape, routed, precision));
        assertThat(ratio).isCloseTo(measured, withinPercentage(15));
    }

    /// The largest resident sets of whole trainings of two workers, in gigabytes, with validation and saving. The
    /// third gave what lies free between allocations, it and the first what a process takes before it has a model.
    @ParameterizedTest
    @CsvSource({
        "small-vanilla, bfloat16, 2, 256, 0.767",
        "small-vanilla, bfloat16, 8, 256, 1.238",
        "small-vanilla, float32, 8, 256, 1.573",
        "small-mor3-expert, bfloat16, 2, 256, 0.710",
        "small-mor3-expert, bfloat16, 8, 256, 1.031",
        "135m-vanilla, bfloat16, 1, 512, 4.822",
        "135m-vanilla, float32, 1, 512, 4.831",
        "135m-mor3-expert, bfloat16, 1, 512, 2.804"
    })
    void theMemoryOfATrainingIsKnownWithin15Percent(
            String name, String precision, int sequences, int length, double gigabytes) {
        Recipe run = recipe(
                name,
                "precision.compute=" + precision,
                "model.vocab_size=4096",
                "batch.sequences=" + 2 * sequences,
                "batch.micro_batch_sequences=" + sequences,
                "batch.sequence_length=" + length);
        TrainingMemory memory = TrainingMemory.of(run.model().config(), run, 2, 1, CPU.runtimeBytes());
        assertThat(memory.total() / 1e9).isCloseTo(gigabytes, withinPercentage(15));
    }

    @Test
    void memoryIsWeightsGradientsMomentsAndActivations() {
        Recipe run = recipe("small-vanilla");
        long parameters = ParameterCount.of(run.model().config(), run).total();
        TrainingMemory memory = TrainingMemory.of(run.model().config(), run, 2, 1, 0);
        assertThat(memory.weights()).isEqualTo(6 * parameters);
        assertThat(memory.gradients()).isEqualTo(8 * parameters);
        assertThat(memory.optimizer()).isEqualTo(8 * parameters);
        Recipe sharded = recipe("small-vanilla", SHARDED);
        assertThat(TrainingMemory.of(sharded.model().config(), sharded, 2, 4, 0).optimizer())
                .isCloseTo(2 * parameters, within(8L));
        assertThat(TrainingMemory.of(run.model().config(), run, 2, 4, 0).optimizer())
                .isEqualTo(8 * parameters);
        Recipe exact = recipe("small-vanilla", "precision.compute=float32");
        assertThat(TrainingMemory.of(exact.model().config(), exact, 2, 1, 0).weights())
                .isEqualTo(4 * parameters);
    }

    @Test
    void aFrozenTensorCostsNoGradient() {
        Recipe run = recipe("small-vanilla", "optimizer.trained=model.layers.*");
        ParameterCount count = ParameterCount.of(run.model().config(), run);
        assertThat(count.isWhole()).isFalse();
        assertThat(TrainingMemory.of(run.model().config(), run, 1, 1, 0).optimizer())
                .isEqualTo(8 * count.trained());
    }

    /// Four processes keep a quarter of the sum, and two copies of the gradient to send and to receive.
    @Test
    void addingInAFixedOrderTakesMoreMemory() {
        Recipe run = recipe("small-vanilla");
        long parameters = ParameterCount.of(run.model().config(), run).total();
        assertThat(TrainingMemory.of(run.model().config(), run, 1, 4, 0).gradients())
                .isCloseTo(2 * parameters + 9 * parameters, within(64L));
        Recipe anyOrder = recipe("small-vanilla", ANY_ORDER);
        assertThat(TrainingMemory.of(anyOrder.model().config(), anyOrder, 1, 4, 0)
                        .gradients())
                .isEqualTo(6 * parameters);
    }

    @Test
    void shardingTakesLessMemoryThanNone() {
        for (String order : List.of(FIXED_ORDER, ANY_ORDER)) {
            Recipe whole = recipe("small-vanilla", order);
            Recipe sharded = recipe("small-vanilla", order, SHARDED);
            for (int processes = 2; processes <= 8; processes *= 2) {
                assertThat(TrainingMemory.of(sharded.model().config(), sharded, 1, processes, 0)
                                .total())
                        .isLessThan(TrainingMemory.of(whole.model().config(), whole, 1, processes, 0)
                                .total());
            }
        }
    }

    /// In any order a process sends its gradients twice but for its own share, in a fixed order once for each of its
    /// micro-batches and once more; then the weights of its shard.
    @Test
    void processesSendTheirGradientsAndTheWeightsOfTheirShards() {
        Recipe run = recipe("small-vanilla", "batch.sequences=32", "batch.micro_batch_sequences=4");
        long parameters = 4 * ParameterCount.of(run.model().config(), run).trained();
        assertThat(sent(1, ANY_ORDER)).isZero();
        assertThat(sent(2, ANY_ORDER)).isEqualTo(parameters);
        assertThat(sent(4, ANY_ORDER)).isCloseTo(parameters * 3 / 2, withinPercentage(0.01));
        assertThat(sent(4, ANY_ORDER, SHARDED)).isCloseTo(parameters * 9 / 4, withinPercentage(0.01));
        assertThat(sent(2, FIXED_ORDER)).isEqualTo(parameters * 5 / 2);
        assertThat(sent(4, FIXED_ORDER)).isCloseTo(parameters * 9 / 4, withinPercentage(0.01));
        assertThat(sent(4, FIXED_ORDER, SHARDED)).isCloseTo(parameters * 3, withinPercentage(0.01));
    }

    private static long sent(int processes, String... settings) {
        List<String> all = new ArrayList<>(List.of("batch.sequences=32", "batch.micro_batch_sequences=4"));
        all.addAll(List.of(settings));
        Recipe run = recipe("small-vanilla", all.toArray(String[]::new));
        return StepTime.of(run.model().config(), run, CPU, processes).bytesSent();
    }

    @Test
    void scalingEndsWhereTheNetworkTakesLongerThanTheBackwardPass() {
        Recipe run = recipe("1.7b-vanilla", ANY_ORDER, SHARDED);
        ScalingPlan plan = ScalingPlan.of(
                run.model().config(),
                run,
                new ScalingPlan.Question(GPU, 300_000_000_000L, List.of(1, 8, 64), OptionalDouble.of(2)));
        assertThat(plan.limits().mostProcesses()).isEqualTo(64);
        assertThat(plan.limits().atNineTenths()).isBetween(1, plan.limits().atHalf());
        assertThat(plan.rows().getFirst().efficiency()).isCloseTo(1, within(1e-3));
        assertThat(plan.rows())
                .extracting(row -> row.step().total())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(plan.rows().getLast().memory().optimizer())
                .isLessThan(plan.rows().getFirst().memory().optimizer() / 60);
        // A device pays for itself as long as it is busy: what is lost to the network costs.
        assertThat(plan.rows().getLast().price().orElseThrow())
                .isGreaterThanOrEqualTo(plan.rows().getFirst().price().orElseThrow());
    }

    @Test
    void aProfileOfAUserIsReadAndItsMistakesAreTold() throws Exception {
        String text = Files.readString(Path.of("src/main/resources/dev/saiki/train/plan/cpu-zen4-2.yaml"));
        Path file = Files.writeString(folder.resolve("mine.yaml"), text.replace("workers: 2", "workers: 16"));
        assertThat(DeviceProfiles.find(file.toString()).workers()).isEqualTo(16);
        Files.writeString(file, text.replace("workers: 2", "wrokers: 2"));
        assertThatThrownBy(() -> DeviceProfiles.find(file.toString()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("unknown key 'wrokers'")
                .hasMessageContaining("workers");
        Files.writeString(file, text.replace("workers: 2", "workers: none"));
        assertThatThrownBy(() -> DeviceProfiles.find(file.toString()))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("workers must be a number above 0");
        assertThatThrownBy(() -> DeviceProfiles.find("h1000"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("cpu-zen4-2, h100");
    }
}
