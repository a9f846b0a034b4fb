package dev.saiki.checkpoint.accounting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.CausalBy;
import dev.saiki.checkpoint.config.Configs;
import dev.saiki.checkpoint.config.ExitPoints;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.RouterType;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.config.StepLora;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountingTest {

    private static final double TOKENS_PER_STEP = 1024 * 2048;

    private static ModelConfig recursive(String shape, int layers, String sharing, int steps) {
        return Configs.recursive(
                Configs.shape(shape, layers),
                ParameterSharing.fromKey(sharing, "sharing"),
                steps,
                new Routing.None(),
                KeyValueSharing.NONE);
    }

    private static long rounded(double flops) {
        return new BigDecimal(flops).setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    @ParameterizedTest
    @CsvSource({"135M, 3540096, 576", "360M, 9832320, 960", "730M, 25168896, 1536", "1.7B, 67112960, 2048"})
    void parametersOfOneLayerAreThePapers(String shape, long perLayer, long finalNorm) {
        Accounting one = Accounting.of(Configs.shape(shape, 1));
        Accounting seven = Accounting.of(Configs.shape(shape, 7));

        assertThat(one.nonEmbeddingParameters()).isEqualTo(perLayer + finalNorm);
        assertThat(seven.nonEmbeddingParameters()).isEqualTo(7 * perLayer + finalNorm);
    }

    @ParameterizedTest
    @CsvSource({"135M, 30, 106, 28.3", "360M, 32, 315, 47.2", "730M, 26, 654, 75.5", "1.7B, 24, 1611, 100.7"})
    void vanillaParametersAreThePapers(String shape, int layers, long nonEmbeddingMillions, double embeddingMillions) {
        Accounting accounting = Accounting.of(Configs.shape(shape, layers));

        assertThat(Math.round(accounting.nonEmbeddingParameters() / 1e6)).isEqualTo(nonEmbeddingMillions);
        assertThat((accounting.totalParameters() - accounting.nonEmbeddingParameters()) / 1e6)
                .isCloseTo(embeddingMillions, within(0.05));
    }

    /// Every row of the table of recursive variants: shape, unrolled layers, sharing, steps, unique layers,
    /// millions.
    @ParameterizedTest
    @CsvSource({
        "135M, 30, cycle, 2, 15, 53",
        "135M, 30, sequence, 2, 15, 53",
        "135M, 30, middle_cycle, 2, 16, 57",
        "135M, 30, middle_sequence, 2, 16, 57",
        "135M, 30, cycle, 3, 10, 35",
        "135M, 30, sequence, 3, 10, 35",
        "135M, 29, middle_cycle, 3, 11, 39",
        "135M, 29, middle_sequence, 3, 11, 39",
        "135M, 32, middle_cycle, 3, 12, 42",
        "360M, 32, cycle, 2, 16, 157",
        "360M, 32, sequence, 2, 16, 157",
        "360M, 32, middle_cycle, 2, 17, 167",
        "360M, 32, middle_sequence, 2, 17, 167",
        "360M, 30, cycle, 3, 10, 98",
        "360M, 30, sequence, 3, 10, 98",
        "360M, 32, middle_cycle, 3, 12, 118",
        "360M, 32, middle_sequence, 3, 12, 118",
        "360M, 34, middle_cycle, 4, 10, 98",
        "730M, 30, cycle, 3, 10, 252",
        "730M, 26, middle_cycle, 3, 10, 252",
        "1.7B, 26, middle_cycle, 3, 10, 671",
        "1.7B, 24, middle_cycle, 2, 13, 872"
    })
    void recursiveParametersAreThePapers(
            String shape, int layers, String sharing, int steps, int unique, long millions) {
        ModelConfig config = recursive(shape, layers, sharing, steps);
        Accounting accounting = Accounting.of(config);
        long perLayer = Accounting.of(Configs.shape(shape, 2)).nonEmbeddingParameters()
                - Accounting.of(Configs.shape(shape, 1)).nonEmbeddingParameters();

        assertThat(config.layerMap().numUnique()).isEqualTo(unique);
        assertThat(accounting.nonEmbeddingParameters()).isEqualTo(unique * perLayer + config.hiddenSize());
        assertThat(Math.round(accounting.nonEmbeddingParameters() / 1e6)).isEqualTo(millions);
        assertThat(accounting.layers()).hasSize(layers);
    }

    @Test
    void layersAtTheEndsAreCountedOnceAndForEveryToken() {
        ModelConfig base = Configs.shape("135M", 11);
        ModelConfig ends = base.withRecursion(
                Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 3, 2, 3)),
                Configs.expertChoice(3),
                KeyValueSharing.NONE);
        Accounting one = Accounting.of(Configs.shape("135M", 1));
        double layer = one.forwardFlopsPerToken();
        List<Double> nobody = List.of(1.0, 0.0, 0.0);

        // Two, two that are shared, and three; and a router of 576 numbers for each step.
        assertThat(Accounting.of(ends).nonEmbeddingParameters()).isEqualTo(7 * 3_540_096 + 576 + 3 * 576);
        assertThat(Accounting.forwardFlopsPerToken(ends, 2048, nobody)).isCloseTo(7 * layer, within(1.0));
        assertThat(Accounting.cacheBytesPerToken(ends, nobody)).isEqualTo(7 * one.cacheBytesPerToken());
        assertThat(SequenceCost.of(ends, new int[] {1, 2, 3}, 3, 0).cachedTokenLayers())
                .isEqualTo(3 * 5 + 2 * (1 + 2 + 3));
    }

    @Test
    void whatStepsHaveOfTheirOwnIsCounted() {
        ModelConfig plain = Configs.fixedDepth(Configs.tiny(8), 3);
        Recursion recursion = plain.recursion().orElseThrow();
        ModelConfig own = plain.withRecursion(
                Optional.of(
                        recursion.withStepLora(Optional.of(new StepLora(2, 3))).withStepNorms(true)),
                new Routing.None(),
                KeyValueSharing.NONE);
        // Inputs and outputs of q, k, v, o, gate, up and down.
        long update = 2 * (16 + 12 + 12 + 16 + 20 + 20 + 20);

        // Two layers, each with two steps after the first.
        assertThat(Accounting.of(own).totalParameters() - Accounting.of(plain).totalParameters())
                .isEqualTo(2 * 2 * (update + 2 * 8));
        List<Double> shares = List.of(1.0, 0.5, 0.25);
        assertThat(Accounting.forwardFlopsPerToken(own, 32, shares)
                        - Accounting.forwardFlopsPerToken(plain, 32, shares))
                .isCloseTo(2 * 0.75 * 2 * update, within(1e-6));
        assertThat(SequenceCost.of(own, new int[] {1, 3, 2}, 3, 0).flops()
                        - SequenceCost.of(plain, new int[] {1, 3, 2}, 3, 0).flops())
                .isEqualTo(2 * 3 * 2 * update);
        ModelConfig shared = own.withRecursion(own.recursion(), new Routing.None(), KeyValueSharing.RECURSIVE);
        assertThat(Accounting.of(own).totalParameters() - Accounting.of(shared).totalParameters())
                .isEqualTo(2 * 2 * 2 * (12 + 12));
        int[] everywhere = {8, 8, 8};
        assertThat(EarlyExitCost.of(own, ExitPoints.of(own, 1, false), everywhere, 0)
                        .flops())
                .isEqualTo(SequenceCost.of(own, new int[] {3, 3, 3}, 3, 0).flops());
        // A token that leaves after one recursion leaves keys and values of four layers, made with updates.
        assertThat(EarlyExitCost.of(own, ExitPoints.of(own, 1, false), new int[] {3, 8, 8}, 0)
                                .copiedFlops()
                        - EarlyExitCost.of(plain, ExitPoints.of(plain, 1, false), new int[] {3, 8, 8}, 0)
                                .copiedFlops())
                .isEqualTo(4 * 2 * 2 * (12 + 12));
    }

    @Test
    void aNarrowEmbeddingIsCountedWithItsProjection() {
        ModelConfig tied = Configs.shape("135M", 1);
        ModelConfig narrow = tied.withArchitecture(tied.architecture().withEmbeddingSize(OptionalInt.of(3)));

        assertThat(Accounting.of(narrow).nonEmbeddingParameters())
                .isEqualTo(Accounting.of(tied).nonEmbeddingParameters());
        assertThat(Accounting.of(narrow).totalParameters()
                        - Accounting.of(narrow).nonEmbeddingParameters())
                .isEqualTo(49_152 * 3 + 576 * 3);
        assertThat(Accounting.headFlopsPerToken(narrow)).isEqualTo(2.0 * (49_152 * 3 + 576 * 3));
        assertThat(SequenceCost.of(narrow, new int[] {1, 1}, 1, 2).layerFlops()
                        - SequenceCost.of(tied, new int[] {1, 1}, 1, 2).layerFlops())
                .isEqualTo(2 * 2 * 576 * 3);
    }

    @Test
    void injectionIsCounted() {
        ModelConfig plain = Configs.fixedDepth(Configs.tiny(8), 3);
        ModelConfig injected = plain.withRecursion(
                plain.recursion().map(Recursion::withInjection), new Routing.None(), KeyValueSharing.NONE);

        assertThat(Accounting.of(injected).totalParameters()
                        - Accounting.of(plain).totalParameters())
                .isEqualTo(8 * 8 + 2 * 8);
        List<Double> shares = List.of(1.0, 0.5, 0.25);
        assertThat(Accounting.forwardFlopsPerToken(injected, 32, shares)
                        - Accounting.forwardFlopsPerToken(plain, 32, shares))
                .isCloseTo(0.75 * 2 * 8 * 8, within(1e-6));
        assertThat(SequenceCost.of(injected, new int[] {1, 3, 2}, 3, 0).flops()
                        - SequenceCost.of(plain, new int[] {1, 3, 2}, 3, 0).flops())
                .isEqualTo(3 * 2 * 8 * 8);
    }

    @Test
    void parametersOfTheFinalMixtureAreExact() {
        Accounting accounting = Accounting.of(Configs.mixture(Configs.shape("360M", 32), 3, KeyValueSharing.NONE));

        assertThat(accounting.nonEmbeddingParameters()).isEqualTo(117_991_680);
        assertThat(accounting.totalParameters()).isEqualTo(117_991_680 + 49_152L * 960);
    }

    @Test
    void parametersOfAPublishedRunAreExact() {
        ModelConfig base = Configs.shape("360M", 32);

        assertThat(Accounting.of(Configs.fixedDepth(base, 2)).nonEmbeddingParameters())
                .isEqualTo(167_150_400);
        assertThat(Accounting.of(Configs.fixedDepth(base, 2)).totalParameters()).isEqualTo(167_150_400 + 47_185_920);
    }

    @Test
    void auxiliaryRoutersCountOnlyWhenTheConfigurationNeedsThem() {
        ModelConfig base = Configs.shape("135M", 32);
        ModelConfig byRouter = Configs.mixture(base, 3, KeyValueSharing.NONE);
        ModelConfig byAuxiliary = Configs.recursive(
                base,
                ParameterSharing.MIDDLE_CYCLE,
                3,
                Configs.expertChoice(3, RouterType.LINEAR, CausalBy.AUXILIARY_ROUTER),
                KeyValueSharing.NONE);

        assertThat(Accounting.of(byAuxiliary).nonEmbeddingParameters()
                        - Accounting.of(byRouter).nonEmbeddingParameters())
                .isEqualTo(3 * 576);
    }

    @Test
    void buffersAreNotCounted() {
        ModelConfig base = Configs.shape("135M", 32);
        long fixed = Accounting.of(Configs.fixedDepth(base, 3)).totalParameters();

        assertThat(mixture(base, Configs.tokenChoice(RouterType.LINEAR)).totalParameters() - fixed)
                .isEqualTo(3 * 576);
        assertThat(mixture(base, Configs.tokenChoice(RouterType.MLP)).totalParameters() - fixed)
                .isEqualTo(2 * 576 * 576 + 3 * 2 * 576);
        assertThat(mixture(base, Configs.expertThreshold(0.5)).totalParameters() - fixed)
                .isEqualTo(3 * 576);
        assertThat(mixture(base, Configs.expertChoice(3, RouterType.WIDE_MLP, CausalBy.ROUTER))
                                .totalParameters()
                        - fixed)
                .isEqualTo(3 * (4 * 576 * 576 + 4 * 576));
        assertThat(mixture(base, Configs.expertChoice(3, RouterType.POSITION, CausalBy.ROUTER))
                                .totalParameters()
                        - fixed)
                .isEqualTo(3 * 576);
    }

    private static Accounting mixture(ModelConfig base, Routing routing) {
        return Accounting.of(Configs.recursive(base, ParameterSharing.MIDDLE_CYCLE, 3, routing, KeyValueSharing.NONE));
    }

    /// Every row of the table of forward FLOPs and steps. Steps 0 means vanilla.
    @ParameterizedTest
    @CsvSource({
        "135M, 30, 0, false, none, 309657600, 53.28, 25408, 7699, 3080",
        "135M, 32, 3, false, none, 330301440, 49.95, 23820, 7218, 2887",
        "135M, 32, 3, true, none, 216596480, 76.18, 36325, 11008, 4403",
        "360M, 32, 0, false, none, 833617920, 19.79, 9438, 2860, 1144",
        "360M, 32, 2, false, none, 833617920, 19.79, 9438, 2860, 1144",
        "360M, 32, 3, false, none, 833617920, 19.79, 9438, 2860, 1144",
        "360M, 34, 0, false, none, 885719040, 18.63, 8883, 2692, 1077",
        "360M, 34, 4, false, none, 885719040, 18.63, 8883, 2692, 1077",
        "360M, 32, 2, true, none, 623493120, 26.46, 12619, 3824, 1530",
        "360M, 32, 3, true, none, 555636053, 29.70, 14160, 4291, 1716",
        "360M, 34, 4, true, none, 553451520, 29.81, 14216, 4308, 1723",
        "360M, 32, 3, true, recursive, 536248320, 30.77, 14672, 4446, 1778",
        "730M, 26, 0, false, none, 1635778560, 10.09, 4810, 1457, 583",
        "730M, 26, 3, false, none, 1635778560, 10.09, 4810, 1457, 583",
        "730M, 26, 3, true, none, 1110092459, 14.86, 7088, 2148, 859",
        "1.7B, 24, 0, false, none, 3422552064, 4.82, 2299, 697, 279",
        "1.7B, 26, 3, false, none, 3707764736, 4.45, 2122, 643, 257",
        "1.7B, 26, 3, true, none, 2537087886, 6.50, 3101, 940, 376"
    })
    void forwardFlopsAndStepCountsAreThePapers(
            String shape,
            int layers,
            int steps,
            boolean routed,
            String kvSharing,
            long flops,
            double billionTokens,
            double stepsOfLarge,
            double stepsOfMiddle,
            double stepsOfSmall) {
        ModelConfig base = Configs.shape(shape, layers);
        KeyValueSharing sharing = KeyValueSharing.valueOf(kvSharing.toUpperCase(Locale.ROOT));
        ModelConfig config =
                steps == 0 ? base : routed ? Configs.mixture(base, steps, sharing) : Configs.fixedDepth(base, steps);
        double counted = Accounting.of(config).forwardFlopsPerToken();

        assertThat(rounded(counted)).isEqualTo(flops);
        assertThat(16.5e18 / counted / 1e9).isCloseTo(billionTokens, within(0.005));
        // Rounded to whole steps, save one cell (730M at 5e18), which is 0.52 away from the quotient.
        assertThat(16.5e18 / counted / TOKENS_PER_STEP).isCloseTo(stepsOfLarge, within(0.5));
        assertThat(5e18 / counted / TOKENS_PER_STEP).isCloseTo(stepsOfMiddle, within(0.53));
        assertThat(2e18 / counted / TOKENS_PER_STEP).isCloseTo(stepsOfSmall, within(0.5));
    }

    @Test
    void tokenChoiceCountsAsBalanced() {
        ModelConfig base = Configs.shape("360M", 32);
        double expert =
                Accounting.of(Configs.mixture(base, 3, KeyValueSharing.NONE)).forwardFlopsPerToken();

        assertThat(mixture(base, Configs.tokenChoice(RouterType.LINEAR)).forwardFlopsPerToken())
                .isEqualTo(expert);
    }

    @Test
    void sequenceSharingCostsWhatVanillaCosts() {
        double vanilla = Accounting.of(Configs.shape("360M", 32)).forwardFlopsPerToken();

        for (String sharing : List.of("sequence", "middle_sequence", "cycle", "middle_cycle")) {
            assertThat(Accounting.of(recursive("360M", 32, sharing, 2)).forwardFlopsPerToken())
                    .as(sharing)
                    .isEqualTo(vanilla);
        }
    }

    @Test
    void hybridCountsFullProjectionsAndFullKeys() {
        ModelConfig base = Configs.shape("360M", 32);
        double hybrid =
                Accounting.of(Configs.mixture(base, 3, KeyValueSharing.HYBRID)).forwardFlopsPerToken();
        double shared = Accounting.of(Configs.mixture(base, 3, KeyValueSharing.RECURSIVE))
                .forwardFlopsPerToken();

        // Two projections of 960 x 960 for 10 layers at shares 2/3 and 1/3.
        assertThat(hybrid - shared).isCloseTo(10 * 2 * 2 * 960.0 * 960.0, within(1e-3));
    }

    @Test
    void completionCountsFullKeysAndTheTwoProjectionsOfTokensThatLeft() {
        ModelConfig base = Configs.shape("360M", 32);
        ModelConfig completed = Configs.mixture(base, 3, KeyValueSharing.COMPLETION);
        double hybrid =
                Accounting.of(Configs.mixture(base, 3, KeyValueSharing.HYBRID)).forwardFlopsPerToken();

        // Two projections of 960 x 960 for 10 layers, where shares of 1/3 and 2/3 do not take the step.
        assertThat(Accounting.of(completed).forwardFlopsPerToken() - hybrid)
                .isCloseTo(10 * 2 * 2 * 960.0 * 960.0, within(1e-3));
        assertThat(Accounting.forwardFlopsPerToken(completed, 64, List.of(1.0, 0.0, 0.0)))
                .as("a step that nobody takes")
                .isEqualTo(Accounting.forwardFlopsPerToken(
                        Configs.mixture(base, 3, KeyValueSharing.NONE), 64, List.of(1.0, 0.0, 0.0)));
    }

    @Test
    void completionCostsKeysAndValuesAtEveryStepThatTheBoundAllows() {
        ModelConfig completed = Configs.mixture(Configs.tiny(8), 3, KeyValueSharing.COMPLETION);
        ModelConfig stepwise = Configs.mixture(Configs.tiny(8), 3, KeyValueSharing.NONE);
        int[] depths = {1, 3, 2};
        SequenceCost cost = SequenceCost.of(completed, depths, 3, 1);
        SequenceCost without = SequenceCost.of(stepwise, depths, 3, 1);
        int block = completed.layerMap().blockSize();

        // The first token leaves two steps out, the last one: each two projections and a place in the cache.
        assertThat(cost.layerFlops() - without.layerFlops())
                .isEqualTo(3L
                        * block
                        * 2
                        * completed.hiddenSize()
                        * 2
                        * completed.numKeyValueHeads()
                        * completed.headDim());
        assertThat(cost.cachedTokenLayers()).isEqualTo(3L * completed.numHiddenLayers());
        // The second token sees one key more at steps 1 and 2, the third one more at step 1.
        assertThat(cost.attentionFlops() - without.attentionFlops())
                .isEqualTo(SequenceCost.attention(completed, 3L * block));
        assertThat(SequenceCost.of(completed, new int[] {1, 1}, 1, 1))
                .isEqualTo(SequenceCost.of(stepwise, new int[] {1, 1}, 1, 1));
        assertThat(SequenceCost.of(completed, new int[] {3, 3}, 3, 1))
                .isEqualTo(SequenceCost.of(stepwise, new int[] {3, 3}, 3, 1));
    }

    @Test
    void effortSetsTheSharesOfExpertThreshold() {
        ModelConfig base = Configs.shape("135M", 32);
        ModelConfig config = Configs.recursive(
                base, ParameterSharing.MIDDLE_CYCLE, 3, Configs.expertThreshold(0.5), KeyValueSharing.NONE);

        assertThat(Accounting.of(config).forwardFlopsPerToken())
                .isEqualTo(Accounting.forwardFlopsPerToken(config, 2048, List.of(1.0, 0.5, 0.25)));
        assertThat(mixture(base, Configs.expertThreshold(1)).forwardFlopsPerToken())
                .isEqualTo(Accounting.of(base).forwardFlopsPerToken());
    }

    @Test
    void measuredSharesAndContextsCanBeAsked() {
        ModelConfig config = Configs.mixture(Configs.shape("135M", 32), 3, KeyValueSharing.NONE);
        double linear = 2 * (4.0 * 576 * 576 + 3.0 * 576 * 1536);
        double attention = 2.0 * 576 * 512;
        double expected = 2 * (linear + attention)
                + 10 * (linear + attention)
                + 10 * (0.5 * linear + 0.25 * attention)
                + 10 * (0.1 * linear + 0.01 * attention);

        assertThat(Accounting.forwardFlopsPerToken(config, 512, List.of(1.0, 0.5, 0.1)))
                .isCloseTo(expected, within(1e-3));
    }

    @Test
    void sharesMustFitTheSteps() {
        ModelConfig config = Configs.mixture(Configs.shape("135M", 32), 3, KeyValueSharing.NONE);

        assertThatThrownBy(() -> Accounting.forwardFlopsPerToken(config, 512, List.of(1.0, 0.5)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"2, 32, 0.75, 42", "3, 30, 0.667, 48", "4, 32, 0.625, 51"})
    void cacheShrinksAsInThePaper(int steps, int layers, double ratio, int batch) {
        ModelConfig base = Configs.shape("360M", layers);
        ModelConfig config = Configs.recursive(
                base, ParameterSharing.CYCLE, steps, Configs.expertChoice(steps), KeyValueSharing.NONE);
        double measured =
                Accounting.of(config).cacheBytesPerToken() / Accounting.of(base).cacheBytesPerToken();

        assertThat(measured).isCloseTo((steps + 1) / (2.0 * steps), within(1e-12));
        assertThat(measured).isCloseTo(ratio, within(5e-4));
        assertThat((int) Math.floor(32 / measured + 1e-9)).isEqualTo(batch);
    }

    @Test
    void cacheBytesFollowFromHeadsLayersAndShares() {
        ModelConfig base = Configs.shape("360M", 32);
        double perLayer = 2 * 5 * 64 * 2;

        assertThat(Accounting.of(base).cacheBytesPerToken()).isEqualTo(32 * perLayer);
        assertThat(Accounting.of(Configs.fixedDepth(base, 3)).cacheBytesPerToken())
                .isEqualTo(32 * perLayer);
        assertThat(Accounting.of(Configs.mixture(base, 3, KeyValueSharing.NONE)).cacheBytesPerToken())
                .isCloseTo((2 + 20) * perLayer, within(1e-9));
        assertThat(Accounting.of(Configs.mixture(base, 3, KeyValueSharing.HYBRID))
                        .cacheBytesPerToken())
                .isCloseTo((2 + 20) * perLayer, within(1e-9));
        assertThat(Accounting.of(Configs.mixture(base, 3, KeyValueSharing.COMPLETION))
                        .cacheBytesPerToken())
                .isCloseTo(32 * perLayer, within(1e-9));
        assertThat(Accounting.of(Configs.mixture(base, 3, KeyValueSharing.RECURSIVE))
                        .cacheBytesPerToken())
                .isEqualTo((2 + 10) * perLayer);
    }
}
