package dev.saiki.study;

import dev.saiki.eval.format.Numbers;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.study.plan.BudgetUnit;
import dev.saiki.study.plan.StudyEvaluation;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.plan.StudyPlan.Family;
import dev.saiki.study.plan.StudyPlan.Size;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.RunLength;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// The planner of a study's trainings.
///
/// The runs of one family, size, seed and rate form one trunk and its branches. The trunk is the run of the
/// largest budget, which saves states of its stable phase; the run of each smaller budget is a cool-down from one
/// of these states.
///
/// @param plan the plan
/// @param out the study's folder
/// @param dataset the prepared data
/// @param vocabSize the vocabulary size of the models; empty if it is not known yet, so that each recipe's own
///     vocabulary size is used
record RunPlanner(StudyPlan plan, Path out, Path dataset, OptionalInt vocabSize) {

    private static final int LOG_LINES = 200;

    /// The trials of learning rates, for families with more than one rate.
    List<PlannedRun> sweep() {
        List<PlannedRun> runs = new ArrayList<>();
        Size size = plan.sizes().stream()
                .filter(candidate -> candidate.name().equals(plan.sweep().size()))
                .findFirst()
                .orElseThrow();
        for (Family family : plan.families()) {
            if (family.learningRates().size() > 1) {
                for (double rate : family.learningRates()) {
                    runs.add(trial(family, size, rate));
                }
            }
        }
        return runs;
    }

    /// The runs of the grid, ordered by seed and then by size, so that even an unfinished study has complete
    /// comparisons.
    ///
    /// @param rates the learning rate of each family; families without an entry use their first rate
    List<PlannedRun> grid(Map<String, Double> rates) {
        List<PlannedRun> runs = new ArrayList<>();
        for (long seed : plan.seeds()) {
            for (Size size : plan.sizes()) {
                for (Family family : plan.families()) {
                    double rate = rates.getOrDefault(
                            family.name(), family.learningRates().getFirst());
                    runs.addAll(trunkAndBranches(family, size, seed, rate));
                }
            }
        }
        return runs;
    }

    /// Rejects evaluations that apply to no model of the plan.
    ///
    /// @throws InputException if a recipe is invalid, or an evaluation applies to no model; the message names the
    ///     first such evaluation and the reason for each family
    void requireMeasurable() {
        if (plan.data() instanceof StudyPlan.TextSource.OfCorpus corpus
                && corpus.vocabulary() instanceof StudyPlan.Vocabulary.OfModel base
                && !Files.isDirectory(base.model())) {
            throw new InputException(
                    "base of the plan: " + base.model() + ": no such folder" + Suggestions.forMissing(base.model()));
        }
        List<PlannedRun> runs = grid(Map.of());
        for (StudyEvaluation evaluation : plan.evaluation().more()) {
            Set<String> obstacles = new LinkedHashSet<>();
            boolean applies = false;
            for (PlannedRun run : runs) {
                Optional<String> obstacle =
                        evaluation.obstacle(run.recipe().model().config());
                applies |= obstacle.isEmpty();
                obstacle.ifPresent(reason -> obstacles.add(run.family() + " (" + reason + ")"));
            }
            if (!applies) {
                throw new InputException("evaluation.more." + evaluation.name() + " applies to no model of the plan: "
                        + String.join("; ", obstacles));
            }
        }
    }

    private PlannedRun trial(Family family, Size size, double rate) {
        long seed = plan.seeds().getFirst();
        double budget = plan.sweep().budget();
        String id = "sweep-" + id(family, size, seed, budget) + "-lr" + Numbers.shortest(rate);
        Recipe recipe = recipe(family, size, seed, rate, length(family, size, budget));
        return run(id, RunPurpose.SWEEP, family, size, budget, recipe, Optional.empty());
    }

    private List<PlannedRun> trunkAndBranches(Family family, Size size, long seed, double rate) {
        requireOneBudget(family, size);
        double largest = plan.budgets().largest();
        String trunk = id(family, size, seed, largest);
        List<PlannedRun> branches = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        for (double budget : shorter()) {
            List<String> length = new ArrayList<>(length(family, size, budget));
            Recipe whole = recipe(family, size, seed, rate, length);
            long start = whole.totalSteps(0) - whole.schedule().decay().of(whole.totalSteps(0));
            requireRoom(family, size, budget, start, whole);
            starts.add(start);
            Path state = new RunDirectory(runFolder(trunk)).state(start);
            length.add("schedule.cooldown_from=" + quoted(state.toString()));
            Recipe recipe = recipe(family, size, seed, rate, length);
            branches.add(run(
                    id(family, size, seed, budget),
                    RunPurpose.GRID,
                    family,
                    size,
                    budget,
                    recipe,
                    Optional.of(new PlannedRun.Branch(trunk, start))));
        }
        List<String> saving = new ArrayList<>(length(family, size, largest));
        saving.add("checkpoint.save_stable_at=" + starts);
        Recipe recipe = recipe(family, size, seed, rate, saving);
        List<PlannedRun> runs = new ArrayList<>();
        runs.add(run(trunk, RunPurpose.GRID, family, size, largest, recipe, Optional.empty()));
        runs.addAll(branches);
        return runs;
    }

    /// Rejects several budgets if the family adds recursions during training: recursions are added after a share
    /// of each run's steps, so a branch would add them at another step than its trunk.
    private void requireOneBudget(Family family, Size size) {
        if (plan.budgets().values().size() > 1
                && !timing(family, size, 1).schedule().recursions().isEmpty()) {
            throw new InputException(plan.budgets().unit().key()
                    + " must have one entry, got " + plan.budgets().values().size() + ": " + family.name()
                    + " adds recursions during training (schedule.recursions), so shorter runs cannot branch off the"
                    + " longest");
        }
    }

    /// All budgets but the largest.
    private List<Double> shorter() {
        List<Double> values = plan.budgets().values();
        return values.subList(0, values.size() - 1);
    }

    private static PlannedRun run(
            String id,
            RunPurpose purpose,
            Family family,
            Size size,
            double budget,
            Recipe recipe,
            Optional<PlannedRun.Branch> branch) {
        return new PlannedRun(
                id,
                purpose,
                family.name(),
                size.name(),
                budget,
                recipe.data().seed(),
                recipe.optimizer().learningRate(),
                recipe,
                recipe.totalSteps(0),
                branch);
    }

    /// Rejects a budget that is too small for training because its decay would begin within the warm-up or have no
    /// step.
    private void requireRoom(Family family, Size size, double budget, long start, Recipe whole) {
        long warmup = whole.schedule().warmup().of(whole.totalSteps(0));
        if (start < Math.max(1, warmup) || start >= whole.totalSteps(0)) {
            throw new InputException(plan.budgets().unit().key() + ": " + Numbers.shortest(budget) + " "
                    + plan.budgets().unit().word() + " are too few for " + family.name() + " at size "
                    + size.name() + " (" + whole.totalSteps(0) + " steps); increase the budget, or remove the size");
        }
    }

    /// The recipe with only a few steps, for timing them.
    Recipe timing(Family family, Size size, int steps) {
        return recipe(family, size, 0, family.learningRates().getFirst(), List.of("schedule.steps=" + steps));
    }

    /// The recipe settings for the length of a run, with a warm-up common to all budgets.
    private List<String> length(Family family, Size size, double budget) {
        Recipe any = timing(family, size, 1);
        long smallest = length(Math.min(budget, plan.budgets().smallest()))
                .steps(any.forwardFlopsPerToken(), any.batch().tokens());
        long steps =
                length(budget).steps(any.forwardFlopsPerToken(), any.batch().tokens());
        return List.of(
                "schedule.type=warmup_stable_decay",
                switch (plan.budgets().unit()) {
                    case FORWARD_FLOPS -> "schedule.forward_flops=" + Numbers.shortest(budget);
                    case TOKENS -> "schedule.tokens=" + Math.round(budget);
                },
                "schedule.warmup_steps=" + Math.round(plan.schedule().warmupFraction() * smallest),
                "schedule.decay_fraction=" + plan.schedule().decayFraction(),
                "metrics.log_every=" + Math.max(1, steps / LOG_LINES));
    }

    private RunLength length(double budget) {
        return switch (plan.budgets().unit()) {
            case FORWARD_FLOPS -> new RunLength.ForwardFlops(budget);
            case TOKENS -> new RunLength.Tokens(Math.round(budget));
        };
    }

    private Recipe recipe(Family family, Size size, long seed, double rate, List<String> more) {
        List<String> overrides = new ArrayList<>(size.settings());
        overrides.addAll(family.settings());
        overrides.addAll(List.of(
                "data.dataset=" + quoted(dataset.toString()),
                "data.seed=" + seed,
                "tokenizer.file=",
                "optimizer.learning_rate=" + rate,
                "checkpoint.every_steps=1000000000",
                "checkpoint.every_minutes=1",
                "checkpoint.keep_last=1",
                "metrics.validate_every=0",
                "metrics.validation_sequences=2",
                "metrics.tensorboard=false",
                "schedule.patience=0"));
        if (vocabSize.isPresent() && !family.startsFromModel()) {
            overrides.add("model.vocab_size=" + vocabSize.getAsInt());
        }
        overrides.addAll(more);
        try {
            return family.recipe().load(size.name(), overrides);
        } catch (InputException e) {
            throw InputException.of("families." + family.name() + " of the plan", e.problems());
        }
    }

    /// The folder of all runs.
    Path folder() {
        return out.resolve("runs");
    }

    /// The folder of a run.
    Path runFolder(String id) {
        return folder().resolve(id);
    }

    private String id(Family family, Size size, long seed, double budget) {
        String unit = plan.budgets().unit() == BudgetUnit.TOKENS ? BudgetUnit.TOKENS.word() : "";
        return family.name() + "-" + size.name() + "-" + Numbers.shortest(budget) + unit + "-s" + seed;
    }

    /// Writes text as a YAML string, with any characters escaped.
    static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
