package dev.saiki.cli.model;

import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.train.recipe.Recipe;
import dev.saiki.train.schedule.DepthSchedule;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The description of a training that adds recursions later: at which steps it adds them, and what the run
/// costs.
///
/// @param recipe the recipe of the run
/// @param steps total steps of the run
/// @param depths schedule of the depth over the run
record DepthScheduleText(Recipe recipe, long steps, DepthSchedule depths) {

    /// Computes the schedule of a run.
    ///
    /// @return empty if all recursions are active from the first step
    static Optional<DepthScheduleText> of(Recipe recipe) {
        if (recipe.schedule().recursions().isEmpty()) {
            return Optional.empty();
        }
        long steps = recipe.totalSteps(0);
        return Optional.of(new DepthScheduleText(recipe, steps, recipe.depths(steps)));
    }

    /// The whole run in one line.
    String line() {
        List<DepthSchedule.Phase> phases = depths.phases();
        String when = IntStream.range(0, phases.size())
                .mapToObj(i -> "depth " + phases.get(i).depth() + " from step "
                        + NumberFormats.count(phases.get(i).start() + 1))
                .collect(Collectors.joining(", "));
        return NumberFormats.count(steps) + " steps, " + when + ", "
                + NumberFormats.count(Math.round(recipe.forwardFlops(depths, steps))) + " forward FLOPs ("
                + NumberFormats.count(Math.round(recipe.forwardFlopsPerToken())) + " per token on average)";
    }

    /// Writes the schedule as JSON.
    void write(ObjectNode root) {
        ObjectNode training = root.putObject("training");
        training.put("steps", steps);
        training.put("tokens", steps * recipe.batch().tokens());
        training.put("forward_flops", recipe.forwardFlops(depths, steps));
        training.put("forward_flops_per_token", recipe.forwardFlopsPerToken());
        ArrayNode list = training.putArray("recursions");
        for (DepthSchedule.Phase phase : depths.phases()) {
            list.addObject()
                    .put("from_step", phase.start() + 1)
                    .put("depth", phase.depth())
                    .put("forward_flops_per_token", recipe.forwardFlopsPerToken(phase.depth()));
        }
    }
}
