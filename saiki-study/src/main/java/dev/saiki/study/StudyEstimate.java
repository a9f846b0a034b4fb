package dev.saiki.study;

import dev.saiki.eval.format.Numbers;
import dev.saiki.io.AtomicFiles;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.ModelSummary;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// An estimate of a study's runs and their duration.
///
/// @param runs the trainings, trials of learning rates first; where a trial is still to decide the rate, the
///     first rate is shown
/// @param timedModels number of models with timed steps
/// @param models number of all models; models without timed steps are assumed to reach the highest FLOPs per
///     second that were timed
public record StudyEstimate(List<RunEstimate> runs, int timedModels, int models) {

    private static final double MAX_SECONDS = 5;

    /// Maximum forward FLOPs of a timed step: a second or two on a slow processor.
    private static final double MAX_STEP_FLOPS = 5e10;

    /// Number of characters in the text for timing steps if there are no data yet.
    private static final int SAMPLE_CHARACTERS = 1 << 21;

    /// Copies the list.
    public StudyEstimate {
        runs = List.copyOf(runs);
    }

    /// A training.
    ///
    /// @param id the training's name
    /// @param learningRate the training's peak learning rate
    /// @param startsFromModel whether the training starts from an existing model
    /// @param model the model to train
    /// @param steps steps of the whole training
    /// @param ownSteps number of steps of this training alone; the steps before them belong to the run that
    ///     it branches off
    /// @param tokens tokens of the whole training
    /// @param forwardFlops forward FLOPs of the whole training
    /// @param seconds estimated duration of the training's own steps; 0 if the study's folder already has the
    ///     result
    public record RunEstimate(
            String id,
            double learningRate,
            boolean startsFromModel,
            ModelSummary model,
            long steps,
            long ownSteps,
            long tokens,
            double forwardFlops,
            double seconds) {

        private static final double MIN_TOKENS = 1e6;
        private static final double MIN_TOKENS_PER_PARAMETER = 4;
        private static final double MAX_TOKENS_PER_PARAMETER = 200;

        /// Describes a mismatch of size and budget. About 20 tokens per non-embedding parameter are optimal
        /// (Chinchilla, arXiv:2203.15556). Far from this ratio, a comparison shows mainly which model saw more
        /// text, or which model was too small for it. A pretrained model needs fewer tokens.
        ///
        /// @return a phrase that completes a sentence that starts with the run's name; empty if size and
        ///     budget match, or if the training starts from an existing model
        public Optional<String> misfit() {
            if (startsFromModel) {
                return Optional.empty();
            }
            double tokensAParameter = (double) tokens / model.nonEmbeddingParameters();
            String sees = "is trained on " + Numbers.metric((double) tokens) + " tokens, "
                    + Numbers.significant(tokensAParameter) + " per non-embedding parameter";
            if (tokens < MIN_TOKENS || tokensAParameter < MIN_TOKENS_PER_PARAMETER) {
                return Optional.of(sees + ": too large for its budget");
            }
            return tokensAParameter > MAX_TOKENS_PER_PARAMETER
                    ? Optional.of(sees + ": too small for its budget")
                    : Optional.empty();
        }
    }

    /// Returns the total duration of the trainings that are still to be done.
    ///
    /// @return seconds of training, without the evaluation of checkpoints
    public double seconds() {
        return runs.stream().mapToDouble(RunEstimate::seconds).sum();
    }

    /// Computes an estimate, without writing into the study's folder.
    ///
    /// @param plan the plan
    /// @param out the study's folder; existing data in it are used
    /// @param listener receives the progress
    /// @return the estimate
    /// @throws dev.saiki.io.InputException if the plan is not feasible
    /// @throws IOException if a temporary folder cannot be written
    public static StudyEstimate of(StudyPlan plan, Path out, StudyListener listener) throws IOException {
        Path scratch = Files.createTempDirectory("saiki-study");
        try {
            return new Estimator(plan, out.toAbsolutePath().normalize(), scratch, listener).estimate();
        } finally {
            AtomicFiles.deleteRecursively(scratch);
        }
    }

    /// A computation of an estimate.
    ///
    /// @param plan the plan
    /// @param out the study's folder
    /// @param scratch a folder for the timed steps
    /// @param listener receives the progress
    private record Estimator(StudyPlan plan, Path out, Path scratch, StudyListener listener) {

        StudyEstimate estimate() throws IOException {
            StudyDataset data = new StudyDataset(plan.data(), out);
            RunPlanner untimed = new RunPlanner(plan, out, data.folder(), OptionalInt.empty());
            untimed.requireMeasurable();
            List<PlannedRun> planned = runs(untimed);
            Path folder = data.isPrepared() ? data.folder() : scratch.resolve("data");
            listener.onMessage("timing a few steps of each model");
            TokenDataset dataset =
                    data.isPrepared() ? TokenDataset.open(folder) : data.sample(folder, SAMPLE_CHARACTERS);
            OptionalInt vocabSize = OptionalInt.of(dataset.vocabSize());
            RunPlanner timed = new RunPlanner(plan, out, folder, vocabSize);
            // The vocabulary of a dataset that does not exist yet is unknown, so each model is described with the
            // vocabulary of its recipe.
            boolean known = data.isPrepared() || plan.data() instanceof StudyPlan.TextSource.OfCorpus;
            TrainingSpeeds speeds = time(timed, folder, vocabSize.getAsInt());
            List<PlannedRun> runs = known ? runs(timed) : planned;
            Path json = out.resolve(StudyResults.NAME);
            Set<String> finished = Files.exists(json)
                    ? StudyResults.FILE.read(json).runs().stream()
                            .map(RunResult::id)
                            .collect(Collectors.toSet())
                    : Set.of();
            return new StudyEstimate(
                    runs.stream()
                            .map(run -> entry(run, speeds, finished.contains(run.id())))
                            .toList(),
                    speeds.tokensPerSecond().size(),
                    plan.families().size() * plan.sizes().size());
        }

        private List<PlannedRun> runs(RunPlanner runs) {
            List<PlannedRun> all = new ArrayList<>(runs.sweep());
            all.addAll(runs.grid(Map.of()));
            return all;
        }

        private TrainingSpeeds time(RunPlanner runs, Path data, int vocabSize) throws IOException {
            StepTimer timer = new StepTimer(scratch.resolve("run"), System::nanoTime);
            Map<TrainingSpeeds.ModelKey, Double> speeds = new HashMap<>();
            double flopsPerSecond = 0;
            for (StudyPlan.Size size : plan.sizes()) {
                for (StudyPlan.Family family : plan.families()) {
                    Recipe recipe = runs.timing(family, size, StepTimer.MAX_STEPS);
                    long tokens = recipe.batch().tokens();
                    if (recipe.forwardFlopsPerToken() * tokens <= MAX_STEP_FLOPS) {
                        Recipe deepest = Recipe.parse(recipe.toYaml(), List.of("schedule.recursions="));
                        double flops =
                                tokens * deepest.forwardFlopsPerToken() / timer.secondsPerStep(deepest, MAX_SECONDS);
                        // Before the last recursion is added, steps take less time, in proportion to their FLOPs.
                        double speed = flops / recipe.forwardFlopsPerToken();
                        speeds.put(new TrainingSpeeds.ModelKey(family.name(), size.name()), speed);
                        flopsPerSecond = Math.max(flopsPerSecond, flops);
                    }
                }
            }
            if (speeds.isEmpty()) {
                Recipe reference = Recipe.builtIn(
                        "small-vanilla",
                        List.of(
                                "data.dataset=" + RunPlanner.quoted(data.toString()),
                                "model.vocab_size=" + vocabSize,
                                "metrics.validate_every=0",
                                "schedule.steps=" + StepTimer.MAX_STEPS));
                double speed = reference.batch().tokens() / timer.secondsPerStep(reference, MAX_SECONDS);
                flopsPerSecond = speed * reference.forwardFlopsPerToken();
            }
            return new TrainingSpeeds(speeds, flopsPerSecond);
        }

        private static RunEstimate entry(PlannedRun run, TrainingSpeeds speeds, boolean isFinished) {
            double flopsPerToken = run.recipe().forwardFlopsPerToken();
            long tokens = run.steps() * run.recipe().batch().tokens();
            return new RunEstimate(
                    run.id(),
                    run.learningRate(),
                    run.recipe().initialisation().from().isPresent(),
                    ModelSummary.of(run.recipe().model().config(), flopsPerToken),
                    run.steps(),
                    run.steps() - run.firstStep(),
                    tokens,
                    tokens * flopsPerToken,
                    isFinished ? 0 : speeds.seconds(run));
        }
    }
}
