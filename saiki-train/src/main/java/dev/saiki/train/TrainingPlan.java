package dev.saiki.train;

import dev.saiki.io.InputException;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.recipe.RunLength;
import dev.saiki.train.schedule.CosineWithWarmup;
import dev.saiki.train.schedule.LearningRateSchedule;
import dev.saiki.train.schedule.WarmupStableDecay;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The starting point of a run, and its learning rate schedule.
///
/// @param schedule the learning rate schedule, including the length of the run
/// @param first the counters to start with
/// @param continues whether weights and moments come from a saved state, directly or from the first process
/// @param source the saved state that provides weights and moments; empty for a new run, and in all processes but
///     the first
/// @param base the checkpoint that provides a new run's weights, or the base of a saved adapter; otherwise
///     empty
record TrainingPlan(
        LearningRateSchedule schedule,
        RunState first,
        boolean continues,
        Optional<StateDirectory> source,
        Optional<BaseCheckpoint> base) {

    private static final String CONTINUES = "continues";

    /// The recipe sections and keys in which a cool-down may differ from the run that it branches from; the data
    /// are compared by hash.
    private static final List<String> FREE_IN_COOLDOWN = List.of(
            "schedule.", "stability.", "checkpoint.", "metrics.", "parallelism.", "data.dataset", "tokenizer.file");

    /// Plans a run that starts from fresh weights or a checkpoint, that resumes from a saved state, or that
    /// cools down from a state of another run.
    ///
    /// @throws InputException if the saved state does not match the recipe and data, or the run's model cannot
    ///     start from the checkpoint
    static TrainingPlan of(Recipe recipe, RunInputs inputs, Optional<StateDirectory> saved) {
        String dataHash = inputs.data().hash();
        if (saved.isPresent()) {
            RunState state = saved.get().state();
            requireSameData(state, dataHash, "the saved state");
            // An adapter's state does not contain the weights of its base.
            Optional<BaseCheckpoint> base = recipe.adapter().isPresent() ? base(recipe, inputs) : Optional.empty();
            return new TrainingPlan(schedule(recipe, state.cooldownStart()), state, true, saved, base);
        }
        if (recipe.schedule().cooldownFrom().isPresent()) {
            return cooldown(recipe, recipe.schedule().cooldownFrom().get(), inputs);
        }
        LearningRateSchedule schedule = schedule(recipe, OptionalLong.empty());
        RunState first = RunState.beginning(
                dataHash, recipe.data().seed(), stableUntil(schedule), recipe.depths(schedule.totalSteps()));
        return new TrainingPlan(schedule, first, false, Optional.empty(), base(recipe, inputs));
    }

    /// Plans the run of the first process in another one, which receives weights and moments from the first.
    ///
    /// @param text the output of {@link #toText} in the first process
    static TrainingPlan following(Recipe recipe, RunInputs inputs, String text) {
        JsonNode json = JsonMapper.shared().readTree(text);
        RunState first = RunState.read(json);
        boolean continues = json.path(CONTINUES).booleanValue();
        boolean needsBase = !continues || recipe.adapter().isPresent();
        return new TrainingPlan(
                schedule(recipe, first.cooldownStart()),
                first,
                continues,
                Optional.empty(),
                needsBase ? base(recipe, inputs) : Optional.empty());
    }

    /// Returns what the other processes need to know of this plan.
    String toText() {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        first.write(json);
        return json.put(CONTINUES, continues).toString();
    }

    private static Optional<BaseCheckpoint> base(Recipe recipe, RunInputs inputs) {
        boolean mustEqualBase = recipe.adapter().isPresent();
        return recipe.initialisation().from().map(from -> BaseCheckpoint.open(from, inputs, mustEqualBase));
    }

    private static TrainingPlan cooldown(Recipe recipe, Path from, RunInputs inputs) {
        StateDirectory source = StateDirectory.open(from);
        RunState state = source.state();
        List<String> differences = recipe.differences(source.recipe(), FREE_IN_COOLDOWN);
        if (!differences.isEmpty()) {
            throw new InputException("schedule.cooldown_from: " + from + " is the state of a different run ("
                    + String.join("; ", differences) + ")");
        }
        requireSameData(state, inputs.data().hash(), "schedule.cooldown_from: " + from);
        if (state.step() > state.stableUntil() || state.cooldownStart().isPresent()) {
            throw new InputException("schedule.cooldown_from: " + from + " must be a state of the plateau, before the"
                    + " learning rate decays, got step " + state.step() + " of a run that decays from step "
                    + state.stableUntil());
        }
        requireLastDepth(recipe, inputs.config().numRecursions(), from, state);
        RunState first = state.asCooldownStart();
        return new TrainingPlan(
                schedule(recipe, first.cooldownStart()), first, true, Optional.of(source), Optional.empty());
    }

    /// A cool-down starts at full depth. The length of a cool-down cannot be given in FLOPs if earlier steps ran
    /// at other depths, because the cost of a step depends on its depth.
    private static void requireLastDepth(Recipe recipe, int numRecursions, Path from, RunState state) {
        if (!state.depths().hasSwitch()) {
            return;
        }
        int depth = state.depths().at(state.step());
        if (depth < numRecursions) {
            throw new InputException("schedule.cooldown_from: " + from + " must be a state at full recursion depth ("
                    + numRecursions + " recursions), got step " + state.step()
                    + ", which continues at depth " + depth);
        }
        if (recipe.schedule().length().orElse(null) instanceof RunLength.ForwardFlops(double count)) {
            throw new InputException("schedule.forward_flops cannot be used in a cool-down of a run that enabled"
                    + " recursions late, got " + count + "; give schedule.steps or schedule.tokens");
        }
    }

    private static LearningRateSchedule schedule(Recipe recipe, OptionalLong cooldownStart) {
        long totalSteps = recipe.totalSteps(cooldownStart.orElse(0));
        return recipe.schedule().learningRate(recipe.optimizer().learningRate(), totalSteps, cooldownStart);
    }

    private static long stableUntil(LearningRateSchedule schedule) {
        return switch (schedule) {
            case WarmupStableDecay trapezoid -> trapezoid.totalSteps() - trapezoid.decaySteps();
            case CosineWithWarmup cosine -> cosine.warmupSteps();
        };
    }

    private static void requireSameData(RunState state, String dataHash, String what) {
        if (!state.dataHash().equals(dataHash)) {
            throw new InputException(what + " was trained on other data (hash " + state.dataHash()
                    + ") than data.dataset (hash " + dataHash + ")");
        }
    }
}
