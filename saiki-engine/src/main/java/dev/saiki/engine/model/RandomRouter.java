package dev.saiki.engine.model;

import dev.saiki.checkpoint.RandomRouterScore;
import dev.saiki.engine.settings.DepthBounds;
import java.util.List;

/// The baseline: a token's score is a hash of its position and the step, so its depth depends on nothing else.
///
/// Of those at step r − 1 the share c(r) / c(r − 1) goes on.
///
/// @param capacities share of all tokens at each step
/// @param gate how an output is weighted
record RandomRouter(List<Double> capacities, ExpertRouter.Gate gate) implements Router {

    RandomRouter {
        capacities = List.copyOf(capacities);
    }

    @Override
    public void begin(Span span, FlopCounter flops) {}

    @Override
    public boolean goesOn(Span span, int token, int step, FlopCounter flops) {
        DepthBounds bounds = span.route().bounds();
        if (step >= Math.min(capacities.size(), bounds.max())) {
            return false;
        }
        float score = RandomRouterScore.causal(span.position(token), step);
        span.gates[token] = gate.of(score);
        if (span.route().forced().isPresent()) {
            return step < span.route().forced().get().depthOf(span.position(token));
        }
        return step < bounds.min() || score >= 1 - capacities.get(step) / capacities.get(step - 1);
    }

    @Override
    public void merge(Span span, int token, int step, float[] outputs, int from) {
        gate.merge(span, token, outputs, from);
    }
}
