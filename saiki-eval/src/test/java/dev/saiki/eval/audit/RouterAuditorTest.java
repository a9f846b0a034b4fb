package dev.saiki.eval.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.eval.Interval;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit.Intervention;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.io.InputException;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The audit of invented models with known right answers, and of tiny real models.
class RouterAuditorTest {

    /// A tokenizer of bytes: one token per byte.
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-25T00:00:00Z"), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    // ---- made-up models ------------------------------------------------------------------------------------------

    @Test
    void aRouterThatKnowsWhatTokensNeedCapturesAllAndBeatsChance() {
        RouterAudit audit = audit(new World(RouterAuditorTest::need, RouterAuditorTest::need));
        for (String other : List.of("random", "position only", "depth 1", "depth 2", "depth 3")) {
            assertThat(comparison(audit, other).verdict()).as(other).isEqualTo(Verdict.BETTER);
        }
        StepGain all = audit.gains().getFirst();
        assertThat(gain(all, GainRanking.ROUTER).capture().mean()).isCloseTo(1, within(1e-6));
        assertThat(gain(all, GainRanking.ROUTER).area().mean()).isEqualTo(1);
        // A state says what a token needs, and a linear fit on other documents finds that out.
        assertThat(gain(all, GainRanking.REGRESSION).capture().mean()).isGreaterThan(0.99);
        // A third of the tokens needs no further recursion at step 1; at step 2, half of those that come there.
        assertThat(audit.gains()).extracting(StepGain::step).containsExactly(0, 1, 2);
        assertThat(audit.gains().get(1).share()).isCloseTo(2.0 / 3, within(0.1));
        assertThat(audit.gains().get(1).helped().mean())
                .isEqualTo(audit.gains().get(1).share());
        assertThat(audit.gains().get(1).worth().mean())
                .isCloseTo(World.MISS * (2 * audit.gains().get(1).share() - 1), within(1e-5));
        // Each recursion costs every token after it a little.
        assertThat(audit.gains().get(1).worthWithFollowing().mean())
                .isLessThan(audit.gains().get(1).worth().mean() - 10 * World.CROWD);
        assertThat(audit.calibrations().getFirst().discrimination().mean()).isEqualTo(1);
        assertThat(audit.gains().getFirst().worth().low()).isPositive();
        assertThat(gain(audit.gains().getFirst(), GainRanking.ROUTER).capture().low())
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void aRouterThatSendsTheWrongTokensLosesToChance() {
        RouterAudit audit = audit(new World(RouterAuditorTest::need, (id, position) -> 4 - need(id, position)));
        assertThat(comparison(audit, "random").verdict()).isEqualTo(Verdict.WORSE);
        assertThat(gain(audit.gains().getFirst(), GainRanking.ROUTER).capture().high())
                .isNegative();
        assertThat(gain(audit.gains().getFirst(), GainRanking.ROUTER).area().high())
                .isLessThan(0.5);
        assertThat(audit.calibrations().getFirst().discrimination().high()).isLessThan(0.5);
    }

    @Test
    void aRouterThatDoesNotKnowWhatTokensNeedIsNotCalledBetterThanChance() {
        RouterAudit audit =
                audit(new World(RouterAuditorTest::need, (id, position) -> 1 + (id / 3 + position * 5) % 3));
        assertThat(comparison(audit, "random").verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(gain(audit.gains().getFirst(), GainRanking.ROUTER).capture().isClear())
                .isFalse();
        assertThat(audit.depthBy())
                .noneMatch(by ->
                        by.correlation().widened(6, audit.data().clusters() - 1).isClear());
        Interval discrimination = audit.calibrations().getFirst().discrimination();
        assertThat(discrimination.low()).isLessThan(0.5);
        assertThat(discrimination.high()).isGreaterThan(0.5);
    }

    @Test
    void whereNoRecursionHelpsNothingIsSaidOfTheRoutersConfidence() {
        RouterAudit audit = audit(new World((_, _) -> 1, RouterAuditorTest::need));
        assertThat(audit.calibrations().getFirst().discrimination().mean()).isNaN();
    }

    @Test
    void aRouterThatKnowsNoMoreThanThePositionIsFoundOut() {
        RouterAudit audit = audit(new World(RouterAuditorTest::needByPosition, RouterAuditorTest::needByPosition));
        assertThat(comparison(audit, "random").verdict()).isEqualTo(Verdict.BETTER);
        assertThat(gain(audit.gains().getFirst(), GainRanking.POSITION)
                        .capture()
                        .mean())
                .isCloseTo(1, within(1e-6));
        PolicyComparison positionOnly = comparison(audit, "position only");
        assertThat(positionOnly.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(positionOnly.difference().mean()).isCloseTo(0, within(1e-12));
        assertThat(audit.depthBy().get(2).property()).isEqualTo("position");
        assertThat(audit.depthBy().get(2).correlation().mean()).isGreaterThan(0.8);
    }

    @Test
    void interventionsMeasureTheTokensLossAndThatOfThoseAfterIt() {
        RouterAudit audit = audit(new World(RouterAuditorTest::need, RouterAuditorTest::need));
        Intervention more = intervention(audit, 1, 0);
        assertThat(more.helped().mean()).isZero();
        assertThat(more.hurt().mean()).isEqualTo(1);
        assertThat(more.broken().mean()).isEqualTo(1);
        assertThat(more.mended().mean()).isZero();
        assertThat(more.effect().mean()).isCloseTo(World.MISS, within(1e-5));
        Intervention fewer = intervention(audit, -1, 3);
        assertThat(fewer.effect().mean()).isCloseTo(World.MISS, within(1e-5));
        // One recursion costs each of the tokens after it as much, and in windows of 32 that is some 15 tokens.
        assertThat(more.effectOnFollowing().mean()).isBetween(10 * World.CROWD, 20 * World.CROWD);
        assertThat(fewer.effectOnFollowing().mean()).isBetween(-20 * World.CROWD, -10 * World.CROWD);
    }

    @Test
    void oneTokenOfAWindowIsForcedAndAllOthersStayAsRouted() {
        World world = new World(RouterAuditorTest::need, RouterAuditorTest::need);
        RouterAudit audit = audit(world);
        List<Long> changed = IntStream.range(0, world.forcedRows().size())
                .mapToObj(row -> IntStream.range(0, world.forcedRows().get(row).length)
                        .filter(t -> world.forcedRows().get(row)[t]
                                != world.freeRows().get(row)[t])
                        .count())
                .toList();
        // Uniform depths before, depths dealt out in three ways after.
        int uniform = World.DEPTHS * audit.data().windows();
        List<Long> between = changed.subList(uniform, changed.size() - uniform);
        assertThat(between).containsOnly(0L, 1L);
        assertThat(between.stream().filter(number -> number == 1))
                .hasSize(2 * audit.data().samples());
    }

    @Test
    void depthsDealtOutOverTheTextAreTheRoutersOwn() {
        World world = new World(RouterAuditorTest::need, RouterAuditorTest::need);
        RouterAudit audit = audit(world);
        int windows = audit.data().windows();
        List<int[]> forced = world.forcedRows();
        List<int[]> dealt = forced.subList(forced.size() - 3 * windows, forced.size());
        for (int way = 0; way < 3; way++) {
            long[] counts = new long[World.DEPTHS + 1];
            for (int[] row : dealt.subList(way * windows, (way + 1) * windows)) {
                for (int t = 0; t + 1 < row.length; t++) {
                    counts[row[t]]++;
                }
            }
            for (int depth = 1; depth <= World.DEPTHS; depth++) {
                assertThat((double) counts[depth] / audit.data().tokens())
                        .isCloseTo(audit.load().shareOfTokensPerDepth().get(depth - 1), within(1e-9));
            }
        }
        // A third of the tokens keeps its depth, and the others are off by 4/3 on average.
        Interval difference = comparison(audit, "random").difference();
        assertThat(difference.mean()).isCloseTo(-World.MISS * 8 / 9, within(0.03));
        assertThat(comparison(audit, "depth 2").verdict()).isEqualTo(Verdict.BETTER);
    }

    @Test
    void aRouterThatSendsNothingOnIsCalledDead() {
        RouterAudit audit = audit(new World(RouterAuditorTest::need, (_, _) -> 1));
        assertThat(audit.dead().positionsNeverOn()).isEqualTo(audit.dead().positions());
        assertThat(audit.dead().positionsAlwaysDeepest()).isZero();
        assertThat(audit.load().shareOfTokensPerStep()).containsExactly(1.0, 0.0, 0.0);
        assertThat(audit.deepestTokens()).allMatch(type -> type.meanDepth() == 1 && type.count() >= 20);
        assertThat(intervention(audit, -1, 0).samples()).isZero();
        assertThat(audit.depthBy()).allMatch(by -> Double.isNaN(by.correlation().mean()));
        assertThat(audit.gains().getFirst().share()).isZero();
        assertThat(audit.gains().getFirst().rankings())
                .allMatch(one -> Double.isNaN(one.capture().mean()));
        assertThat(audit.gains()).extracting(StepGain::step).containsExactly(0, 1);
    }

    @Test
    void closeDecisionsAreCounted() {
        RouterAudit audit = audit(new World(RouterAuditorTest::need, RouterAuditorTest::need));
        assertThat(audit.nearThreshold()).hasSize(2);
        assertThat(audit.nearThreshold().getFirst().shares()).containsOnly(0.0);
        // Every token is decided about once, and those beyond depth 1 again.
        assertThat(audit.nearThreshold().getFirst().decisions())
                .isEqualTo(audit.data().tokens());
        assertThat(audit.nearThreshold().getLast().decisions())
                .isEqualTo(Math.round(audit.load().shareOfTokensPerStep().get(1)
                        * audit.data().tokens()));
    }

    @Test
    void theSameSeedGivesTheSameAuditAndAnotherSeedOtherTokens() {
        String first =
                RecordJson.MAPPER.writeValueAsString(audit(new World(RouterAuditorTest::need, (id, _) -> 1 + id % 2)));
        assertThat(RecordJson.MAPPER.writeValueAsString(
                        audit(new World(RouterAuditorTest::need, (id, _) -> 1 + id % 2))))
                .isEqualTo(first);
        RouterAuditOptions other = new RouterAuditOptions(64, 200, 1, Double.NaN, 0.01, Double.NaN);
        RouterAudit audit = new RouterAuditor(
                        new World(RouterAuditorTest::need, (id, _) -> 1 + id % 2),
                        config(TinyModels.expertChoice(KeyValueSharing.NONE)),
                        BYTES,
                        other)
                .audit("world", text(), CLOCK, RouterAuditListener.NONE);
        assertThat(audit.gains())
                .isNotEqualTo(audit(new World(RouterAuditorTest::need, (id, _) -> 1 + id % 2))
                        .gains());
    }

    // ---- real models ---------------------------------------------------------------------------------------------

    static Stream<ModelConfig> recursive() {
        return Stream.of(
                        TinyModels.expertChoice(KeyValueSharing.NONE),
                        TinyModels.expertChoice(KeyValueSharing.HYBRID),
                        TinyModels.tokenChoice(KeyValueSharing.NONE),
                        TinyModels.expertThreshold(KeyValueSharing.NONE),
                        TinyModels.random(),
                        TinyModels.recursive())
                .map(RouterAuditorTest::config);
    }

    @ParameterizedTest
    @MethodSource("recursive")
    void everyKindOfRouterIsAuditedAndAModelWithoutOneToo(ModelConfig config) throws Exception {
        try (ModelWeights weights = ModelWeights.initialize(config, 4, false);
                TeacherForcedScorer scorer = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            weights.parameters().forEach((name, tensor) -> {
                if (ParameterNames.belongsToRouter(name)) {
                    tensor.multiplyInPlace(20);
                }
            });
            RouterAuditOptions few = new RouterAuditOptions(12, 40, 0, Double.NaN, 0.01, Double.NaN);
            RouterAudit audit = new RouterAuditor(scorer::trace, config, BYTES, few)
                    .audit("tiny", text(), CLOCK, RouterAuditListener.NONE);
            assertThat(audit.load().shareOfTokensPerDepth().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isCloseTo(1, within(1e-9));
            assertThat(audit.data().samples()).isEqualTo(40);
            if (config.isRouted()) {
                assertThat(audit.calibrations().getFirst().decisions()).isBetween(40, 80);
            }
            StepGain all = audit.gains().getFirst();
            assertThat(all.of(GainRanking.ROUTER).isPresent()).isEqualTo(config.isRouted());
            assertThat(all.rankings()).hasSize(config.isRouted() ? 8 : 7);
            assertThat(gain(all, GainRanking.CHANCE).capture().mean()).isZero();
            assertThat(gain(all, GainRanking.HINDSIGHT).capture().mean()).isEqualTo(1);
            assertThat(gain(all, GainRanking.FORESEEABLE).area().mean()).isBetween(0.0, 1.0);
            assertThat(all.worth().low()).isLessThan(all.worth().mean());
            assertThat(audit.setting().routing()).isEqualTo(config.routing().key());
            Path file = folder.resolve("audit.json");
            RouterAudit.FILE.write(audit, file);
            assertThat(RecordJson.MAPPER.writeValueAsString(RouterAudit.FILE.read(file)))
                    .isEqualTo(RecordJson.MAPPER.writeValueAsString(audit));
        }
    }

    @Test
    void modelsWithoutRecursionStepsAreRefused() {
        ModelConfig inPlace = TinyModels.recursive()
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_SEQUENCE, 3)),
                        new Routing.None(),
                        KeyValueSharing.NONE);
        for (ModelConfig config : List.of(config(TinyModels.vanilla()), config(inPlace))) {
            assertThatThrownBy(() -> auditor(new World(RouterAuditorTest::need, RouterAuditorTest::need), config))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("no recursion steps to audit")
                    .hasMessageContaining("cycle");
        }
    }

    @Test
    void theShareThatRankingsChooseCanBeSet() {
        RouterAuditOptions some = new RouterAuditOptions(64, 200, 0, Double.NaN, 0.01, 0.25);
        RouterAudit audit = new RouterAuditor(
                        new World(RouterAuditorTest::need, RouterAuditorTest::need),
                        config(TinyModels.expertChoice(KeyValueSharing.NONE)),
                        BYTES,
                        some)
                .audit("world", text(), CLOCK, RouterAuditListener.NONE);
        assertThat(audit.gains()).allMatch(gain -> gain.share() == 0.25);
        assertThatThrownBy(() -> new RouterAuditOptions(1, 1, 0, Double.NaN, 0.01, 1))
                .hasMessageContaining("share");
    }

    @Test
    void withoutTextThereIsNothingToAudit() {
        AuditText nothing = AuditText.rankedByItself("nothing", List.of(new int[0]), BYTES.vocabSize());
        assertThatThrownBy(() -> auditor(
                                new World(RouterAuditorTest::need, RouterAuditorTest::need),
                                config(TinyModels.expertChoice(KeyValueSharing.NONE)))
                        .audit("world", nothing, CLOCK, RouterAuditListener.NONE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no text to route");
    }

    @Test
    void filesThatAreNoAuditsAreRefused() throws Exception {
        assertThatThrownBy(() -> RouterAudit.FILE.read(folder.resolve("nowhere.json")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no such file");
        Path file = Files.writeString(folder.resolve("other.json"), "{\"format_version\": 2}");
        assertThatThrownBy(() -> RouterAudit.FILE.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("not a router audit");
        String newer = RecordJson.MAPPER
                .writeValueAsString(audit(new World(RouterAuditorTest::need, RouterAuditorTest::need)))
                .replace("\"format_version\":2", "\"format_version\":3");
        Files.writeString(file, newer);
        assertThatThrownBy(() -> RouterAudit.FILE.read(file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("format_version");
    }

    @Test
    void countsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new RouterAuditOptions(0, 1, 0, Double.NaN, 0.01, Double.NaN))
                .hasMessageContaining("windows");
        assertThatThrownBy(() -> new RouterAuditOptions(1, 0, 0, Double.NaN, 0.01, Double.NaN))
                .hasMessageContaining("samples");
        assertThatThrownBy(() -> new RouterAuditOptions(1, 1, 0, Double.NaN, -1, Double.NaN))
                .hasMessageContaining("tolerance");
    }

    // ---- fixtures ------------------------------------------------------------------------------------------------

    @SuppressWarnings("UnusedVariable") // The shape of what a world asks for.
    private static int need(int id, int position) {
        return 1 + id % 3;
    }

    @SuppressWarnings("UnusedVariable") // The shape of what a world asks for.
    private static int needByPosition(int id, int position) {
        return position < 16 ? 1 : 3;
    }

    private static RouterAudit audit(World world) {
        return auditor(world, config(TinyModels.expertChoice(KeyValueSharing.NONE)))
                .audit("world", text(), CLOCK, RouterAuditListener.NONE);
    }

    private static RouterAuditor auditor(World world, ModelConfig config) {
        return new RouterAuditor(
                world, config, BYTES, new RouterAuditOptions(64, 200, 0, Double.NaN, 0.01, Double.NaN));
    }

    /// A dozen documents of random letters.
    private static AuditText text() {
        Random random = new Random(3);
        List<int[]> documents = IntStream.range(0, 12)
                .mapToObj(_ -> random.ints(90, 'a', 'a' + 12)
                        .mapToObj(Character::toString)
                        .reduce("", String::concat))
                .map(BYTES::encode)
                .toList();
        return AuditText.rankedByItself("letters", documents, BYTES.vocabSize());
    }

    /// A tiny model whose vocabulary contains all bytes.
    private static ModelConfig config(ModelConfig tiny) {
        return new ModelConfig(
                tiny.hiddenSize(),
                tiny.intermediateSize(),
                tiny.numHiddenLayers(),
                tiny.numAttentionHeads(),
                tiny.numKeyValueHeads(),
                tiny.headDim(),
                BYTES.vocabSize(),
                tiny.maxPositionEmbeddings(),
                tiny.rmsNormEps(),
                tiny.ropeTheta(),
                tiny.tieWordEmbeddings(),
                tiny.initializerRange(),
                tiny.bosTokenId(),
                tiny.eosTokenIds(),
                Architecture.LLAMA,
                tiny.recursion(),
                tiny.routing(),
                tiny.kvSharing());
    }

    private static StepGain.RankedGain gain(StepGain gain, GainRanking ranking) {
        return gain.of(ranking).orElseThrow();
    }

    private static PolicyComparison comparison(RouterAudit audit, String baseline) {
        return audit.comparisons().stream()
                .filter(comparison -> comparison.baseline().equals(baseline))
                .findFirst()
                .orElseThrow();
    }

    private static Intervention intervention(RouterAudit audit, int change, int chosenDepth) {
        return audit.interventions().stream()
                .filter(one -> one.change() == change && one.chosenDepth() == chosenDepth)
                .findFirst()
                .orElseThrow();
    }
}
