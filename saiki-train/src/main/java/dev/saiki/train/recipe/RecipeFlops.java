package dev.saiki.train.recipe;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.FullDepth;
import dev.saiki.model.TrainingObjective;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The forward FLOPs of a recipe per training token.
///
/// @param shape the model
/// @param objective the recipe's micro-batches at full depth and their losses
/// @param teacher the teacher, whose forward passes count too
/// @param batch the context length and the number of rows in a step
record RecipeFlops(
        ModelConfig shape, TrainingObjective objective, Optional<TeacherSection> teacher, BatchSection batch) {

    /// The mean FLOPs per token over a run, some of whose recursions may be enabled late.
    double perToken(List<ScheduledDepth> depths) {
        if (depths.isEmpty()) {
            return perToken(Integer.MAX_VALUE);
        }
        double mean = 0;
        for (int i = 0; i < depths.size(); i++) {
            double end = i + 1 < depths.size() ? depths.get(i + 1).from() : 1;
            mean += (end - depths.get(i).from()) * perToken(depths.get(i).depth());
        }
        return mean;
    }

    /// The FLOPs per token while the recursion depth is bounded.
    double perToken(int depth) {
        double routed = routed(depth);
        int recursions = Math.min(depth, shape.numRecursions());
        double own = objective
                .fullDepth()
                .filter(_ -> recursions > 1)
                .map(deep -> (1 - deep.share()) * routed
                        + deep.share() * deep.forwardFlopsPerToken(shape, batch.sequenceLength(), recursions))
                .orElse(routed);
        return own
                + teacher.map(section -> section.forwardFlopsPerToken(shape, batch, depth))
                        .orElse(0.0);
    }

    private double routed(int depth) {
        if (!(shape.routing() instanceof Routing.ExpertThreshold threshold)) {
            return withCapacities(shape.capacities(), depth);
        }
        List<Double> shares = threshold.trainingShares();
        return IntStream.range(0, shares.size())
                .mapToDouble(column -> shares.get(column)
                        * withCapacities(
                                threshold.capacities(threshold.effortGrid().get(column), shape.numRecursions()), depth))
                .sum();
    }

    private double withCapacities(List<Double> capacities, int depth) {
        int context = batch.sequenceLength();
        List<Double> shares = IntStream.range(0, capacities.size())
                .mapToObj(step -> step < depth ? capacities.get(step) : 0.0)
                .toList();
        double rejected = objective
                .fullDepth()
                .flatMap(FullDepth::router)
                .map(router -> router.forwardFlopsOfRejected(
                        shape, context, capacities.subList(0, Math.min(depth, capacities.size()))))
                .orElse(0.0);
        return Accounting.forwardFlopsPerToken(shape, context, shares) + rejected;
    }
}
