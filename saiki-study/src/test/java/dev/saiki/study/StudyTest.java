package dev.saiki.study;

import static dev.saiki.study.BlinkStudy.EXITS;
import static dev.saiki.study.BlinkStudy.PLAN;
import static dev.saiki.study.BlinkStudy.finished;
import static dev.saiki.study.BlinkStudy.measured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.eval.audit.StepGain;
import dev.saiki.eval.tradeoff.HeldOutSplit;
import dev.saiki.eval.tradeoff.QualityPoint;
import dev.saiki.eval.tradeoff.Tradeoff;
import dev.saiki.eval.tradeoff.TradeoffOptions;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.model.EarlyExit;
import dev.saiki.model.ModelWeights;
import dev.saiki.study.BlinkStudy.Started;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.DivergedRun;
import dev.saiki.study.results.EarlyExitSetting;
import dev.saiki.study.results.EqualCostComparison;
import dev.saiki.study.results.EvaluationChange;
import dev.saiki.study.results.Measurement;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.text.dataset.TokenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole studies, of models whose training takes little time.
class StudyTest {

    @TempDir
    private Path folder;

    private Path out;

    @BeforeEach
    void writeText() throws IOException {
        out = folder.resolve("out");
        BlinkStudy.writeText(folder);
    }

    private StudyPlan plan(String seeds, String more) throws IOException {
        return BlinkStudy.plan(folder, seeds, more);
    }

    private static RunResult run(StudyResults results, String id) {
        return results.runs().stream()
                .filter(run -> run.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStudyTrainsMeasuresAndComparesAll() throws IOException {
        StudyResults results = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        assertThat(results.runs())
                .extracting(RunResult::id)
                .containsExactly(
                        "sweep-vanilla-a-1.6e7-s0-lr0.001",
                        "sweep-vanilla-a-1.6e7-s0-lr0.01",
                        "vanilla-a-4e7-s0",
                        "vanilla-a-1.6e7-s0",
                        "mor-a-4e7-s0",
                        "mor-a-1.6e7-s0");
        assertThat(results.progress().isComplete()).isTrue();
        assertThat(results.comparisons()).hasSize(2);
        assertThat(StudyResults.FILE.read(out.resolve("study.json"))).isEqualTo(results);
        for (RunResult run : results.runs()) {
            assertThat(CheckpointDirectory.open(out.resolve(run.checkpoint())).hasTokenizer())
                    .isTrue();
            assertThat(run.heldOut().rowNlls()).hasSameSizeAs(results.data().rowTokens());
            assertThat(run.training().forwardFlops()).isBetween(0.8 * run.budget(), 1.2 * run.budget());
        }
        try (Stream<Path> files = Files.walk(out)) {
            assertThat(files.map(path -> String.valueOf(path.getFileName())))
                    .noneMatch(name -> name.startsWith("step-"));
        }
    }

    @Test
    void theBestRateOnTuningTextIsTakenAndItsCoolDownEndsWhereARunOfItsOwnDid() throws IOException {
        StudyResults results = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        List<RunResult> trials = results.runs().stream()
                .filter(run -> run.purpose() == RunPurpose.SWEEP)
                .toList();
        RunResult best = trials.get(0).tuningNll() < trials.get(1).tuningNll() ? trials.get(0) : trials.get(1);
        assertThat(results.families().getFirst().learningRate()).contains(best.learningRate());
        RunResult cooledDown = results.runs().stream()
                .filter(run -> run.id().equals("vanilla-a-1.6e7-s0"))
                .findFirst()
                .orElseThrow();
        assertThat(cooledDown.training().branchedFrom()).contains("vanilla-a-4e7-s0");
        assertThat(cooledDown.training().ownSteps())
                .isLessThan(cooledDown.training().steps());
        assertThat(cooledDown.heldOut().rowNlls()).isEqualTo(best.heldOut().rowNlls());
    }

    @Test
    void trialsOfARateAreMeasuredByTheirLossAlone() throws IOException {
        StudyResults results = finished(new Study(plan("0", EXITS), out, StudyListener.SILENT).run());
        assertThat(results.runs())
                .hasSize(6)
                .allSatisfy(run -> assertThat(run.measurements())
                        .hasSize(
                                run.purpose() == RunPurpose.SWEEP
                                                || run.family().equals("mor")
                                        ? 1
                                        : 3));
    }

    @Test
    void whatRecursionsAreWorthIsMeasuredOnModelsThatHaveThem() throws IOException {
        StudyResults before = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        assertThat(before.runs()).allMatch(run -> run.gains().isEmpty());
        // The plan gets further evaluations: existing checkpoints are measured again, and nothing is trained.
        Started started = new Started(new ArrayList<>());
        StudyResults results = finished(new Study(plan("0", ", gains: {samples: 24}"), out, started).run());
        assertThat(started.runs()).isEmpty();
        for (RunResult run : results.runs()) {
            boolean isMeasured = run.family().equals("mor") && run.purpose() == RunPurpose.GRID;
            assertThat(run.gains().isPresent()).as(run.id()).isEqualTo(isMeasured);
            run.gains()
                    .ifPresent(gains ->
                            assertThat(gains.steps()).extracting(StepGain::step).containsExactly(0, 1));
        }
        assertThat(StudyResults.FILE.read(out.resolve("study.json"))).isEqualTo(results);
        StudyResults again =
                finished(new Study(plan("0", ", gains: {samples: 24}"), out, new Started(new ArrayList<>())).run());
        assertThat(again.runs()).isEqualTo(results.runs());
    }

    @Test
    void earlyExitsAreMeasuredAsTheTradeoffDoesOnTheSameText() throws IOException {
        StudyPlan plan = plan("0", EXITS);
        StudyResults results = finished(new Study(plan, out, StudyListener.SILENT).run());
        RunResult run = run(results, "vanilla-a-4e7-s0");
        TokenDataset dataset = TokenDataset.open(out.resolve("data"));
        StudyEvaluator evaluator = new StudyEvaluator(dataset, 32, plan.evaluation());
        List<QualityPoint> points;
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(out.resolve(run.checkpoint())))) {
            points = Tradeoff.measure(
                    weights,
                    new HeldOutSplit(dataset.tokenizer(), evaluator.tuning(), evaluator.reported()),
                    new TradeoffOptions(
                            List.of(0.6, 0.75), List.of(), List.of(), EarlyExit.Confidence.SATURATION, 1, false),
                    _ -> {});
        }
        assertThat(run.heldOut().nll()).isEqualTo(points.getFirst().nll().mean());
        assertThat(run.heldOut().flopsPerToken()).isEqualTo(points.getFirst().flopsPerToken());
        for (QualityPoint point : points.subList(1, 3)) {
            String name = point.setting() == 0.6 ? "exit60" : "exit75";
            Measurement measured = run.measurement(name).orElseThrow();
            assertThat(measured.nll()).isEqualTo(point.nll().mean());
            assertThat(measured.meanLayers()).isEqualTo(point.meanLayers());
            assertThat(measured.flopsPerToken()).isEqualTo(point.flopsPerToken());
            assertThat(measured.cacheBytesPerToken()).isEqualTo(run.heldOut().cacheBytesPerToken());
            assertThat(measured.exits())
                    .contains(new EarlyExitSetting(
                            point.setting(), "saturation", point.threshold(), point.flopsPerTokenWithoutChecks()));
            EvaluationChange change = results.changes().stream()
                    .filter(line ->
                            line.run().equals(run.id()) && line.evaluation().equals(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(change.difference()).isCloseTo(point.difference().mean(), within(1e-12));
            assertThat(change.low()).isCloseTo(point.difference().low(), within(1e-12));
        }
        assertThat(run(results, "mor-a-4e7-s0").measurements())
                .extracting(Measurement::name)
                .containsExactly("causal");
        assertThat(results.equalCosts())
                .extracting(EqualCostComparison::family, EqualCostComparison::other)
                .containsOnly(tuple("mor", "vanilla"))
                .hasSize(4);
    }

    @Test
    void twoStudiesInOneFolderAreRefused() throws IOException {
        try (DirectoryLock _ = DirectoryLock.acquire(out)) {
            assertThatThrownBy(() -> new Study(plan("0", ""), out, StudyListener.SILENT).run())
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("another run is writing into this folder");
        }
    }

    @Test
    void tooFewHeldOutDocumentsAreRefusedWithWhatHelps() throws IOException {
        Path file = folder.resolve("plan.yaml");
        Files.writeString(file, PLAN.replace("SEEDS", "0").replace("piece_characters: 400, ", ""));
        assertThatThrownBy(() -> new Study(StudyPlan.read(file), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("held-out documents")
                .hasMessageContaining("piece_characters");
    }

    @Test
    @Tag("slow")
    void anEstimateListsAllRunsAndLeavesTheFolderAlone() throws IOException {
        StudyEstimate estimate = StudyEstimate.of(plan("0, 1", ""), out, StudyListener.SILENT);
        assertThat(estimate.runs()).hasSize(10).allSatisfy(run -> {
            assertThat(run.seconds()).isPositive();
            assertThat(run.model().parameters()).isPositive();
        });
        assertThat(estimate.timedModels()).isEqualTo(2);
        assertThat(out).doesNotExist();
        assertThat(estimate.runs())
                .filteredOn(run -> run.id().equals("mor-a-4e7-s1"))
                .first()
                .extracting(run -> run.misfit().orElseThrow())
                .asString()
                .contains("per non-embedding parameter: too large for its budget");
    }

    @Test
    void aRateThatIsTooHighIsOutOfTheChoiceAndOneIsNeeded() throws IOException {
        Path file = folder.resolve("high.yaml");
        Files.writeString(file, PLAN.replace("SEEDS", "0").replace("[1e-3, 1e-2]", "[1e-3, 1e30]"));
        StudyResults results = finished(new Study(StudyPlan.read(file), out, StudyListener.SILENT).run());
        assertThat(results.families().getFirst().learningRate()).contains(1e-3);
        assertThat(results.runs()).hasSize(5);
        assertThat(results.progress().isComplete()).isTrue();
        assertThat(results.progress().givenUp())
                .extracting(DivergedRun::id, DivergedRun::purpose)
                .containsExactly(tuple("sweep-vanilla-a-1.6e7-s0-lr1e30", RunPurpose.SWEEP));
        Started started = new Started(new ArrayList<>());
        assertThat(finished(new Study(StudyPlan.read(file), out, started).run()).runs())
                .hasSize(5);
        assertThat(started.runs()).isEmpty();
        Files.writeString(file, PLAN.replace("SEEDS", "0").replace("[1e-3, 1e-2]", "[1e29, 1e30]"));
        Path other = folder.resolve("other");
        assertThatThrownBy(() -> new Study(StudyPlan.read(file), other, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("families.vanilla.learning_rates")
                .hasMessageContaining("try lower rates");
    }

    @Test
    void aTrainingOfTheGridThatDivergesIsGivenUpWithItsBranchesAndNoOtherWaitsForIt() throws IOException {
        Path file = folder.resolve("high.yaml");
        String plan = PLAN.replace("SEEDS", "0").replace("learning_rates: [1e-3, 1e-2]", "learning_rate: 1e-3");
        Files.writeString(file, plan.replace("learning_rate: 1e-3", "learning_rate: 1e30"));
        StudyResults results = finished(new Study(StudyPlan.read(file), out, StudyListener.SILENT).run());
        assertThat(results.runs()).extracting(RunResult::id).containsExactly("mor-a-4e7-s0", "mor-a-1.6e7-s0");
        assertThat(results.progress().isComplete()).isTrue();
        assertThat(results.progress().secondsLeft()).contains(0.0);
        assertThat(results.progress().givenUp())
                .extracting(DivergedRun::id)
                .containsExactly("vanilla-a-4e7-s0", "vanilla-a-1.6e7-s0");
        Started started = new Started(new ArrayList<>());
        assertThat(finished(new Study(StudyPlan.read(file), out, started).run()).progress())
                .isEqualTo(results.progress());
        assertThat(started.runs()).isEmpty();
        AtomicFiles.deleteRecursively(out.resolve("runs/vanilla-a-4e7-s0"));
        Files.writeString(file, plan);
        assertThat(finished(new Study(StudyPlan.read(file), out, started).run())
                        .progress()
                        .givenUp())
                .isEmpty();
        assertThat(started.runs()).containsExactly("vanilla-a-4e7-s0", "vanilla-a-1.6e7-s0");
    }

    @Test
    void aStudyWhoseTrainingsAllDivergeIsRefused() throws IOException {
        Path file = folder.resolve("high.yaml");
        Files.writeString(
                file,
                PLAN.replace("SEEDS", "0")
                        .replace("learning_rates: [1e-3, 1e-2]", "learning_rate: 1e30")
                        .replace("learning_rate: 1e-2", "learning_rate: 1e30"));
        assertThatThrownBy(() -> new Study(StudyPlan.read(file), out, StudyListener.SILENT).run())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the loss of every training became infinite or NaN");
    }

    @Test
    void trainingsStartFromABaseAndAnAdapterIsMeasuredInItsBase() throws IOException {
        StudyResults bases = finished(new Study(plan("0", ""), out, StudyListener.SILENT).run());
        Path base = out.resolve(run(bases, "vanilla-a-4e7-s0").checkpoint());
        Path file = folder.resolve("own.yaml");
        Files.writeString(file, """
                data: {corpus: [text], piece_characters: 400, validation_fraction: 0.3}
                base: %s
                settings: {batch: {sequences: 2, micro_batch_sequences: 1, sequence_length: 32}}
                families:
                  full: {recipe: finetune-domain, learning_rate: 1.0e-3}
                  adapter:
                    recipe: finetune-domain
                    learning_rate: 1.0e-2
                    settings: {adapter: {rank: 2, alpha: 2, targets: [model.layers.*]}}
                  deepened:
                    recipe: deepen
                    learning_rate: 1.0e-2
                    settings: {model: {recursion: {step_lora: {rank: 2, alpha: 2}}}}
                tokens: [1280]
                evaluation: {rows: 12, resamples: 100, more: {one_pass: {kind: held_out, max_depth: 1}}}
                """.formatted(folder.relativize(base)));
        Path own = folder.resolve("own");
        StudyResults results = finished(new Study(StudyPlan.read(file), own, StudyListener.SILENT).run());
        assertThat(results.runs())
                .extracting(RunResult::id)
                .containsExactly(
                        "full-base-1280tokens-s0", "adapter-base-1280tokens-s0", "deepened-base-1280tokens-s0");
        assertThat(Files.readAllBytes(own.resolve("data").resolve("tokenizer.json")))
                .isEqualTo(Files.readAllBytes(base.resolve("tokenizer.json")));
        double before = loss(base, own.resolve("data"));
        double adapted = run(results, "adapter-base-1280tokens-s0").heldOut().nll();
        assertThat(adapted).isNotCloseTo(before, within(1e-4));
        Measurement onePass =
                run(results, "deepened-base-1280tokens-s0").measurements().getLast();
        assertThat(onePass.nll()).isCloseTo(before, within(1e-6));
        assertThat(finished(new Study(StudyPlan.read(file), own, StudyListener.SILENT).run())
                        .runs())
                .isEqualTo(results.runs());
    }

    private static double loss(Path checkpoint, Path data) throws IOException {
        TokenDataset dataset = TokenDataset.open(data);
        StudyEvaluator evaluator = new StudyEvaluator(
                dataset,
                32,
                new StudyPlan.EvaluationSettings(12, 0.25, List.of(), 100, Optional.empty(), Optional.empty()));
        return evaluator
                .measure(
                        CheckpointDirectory.open(checkpoint),
                        List.of(StudyEvaluation.HeldOutLoss.CAUSAL),
                        Optional.empty())
                .measurements()
                .getFirst()
                .nll();
    }
}
